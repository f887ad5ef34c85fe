/** Outcomes in the formats of lm-evaluation-harness: samples of each intervention, and its table of results. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeFileAtomic } from "../../formats/index.ts";
import { mean } from "../../numeric/index.ts";
import { type LatentModel, promptOf } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { lintelVersion } from "../../util/index.ts";
import type { ExampleOutcomes, Outcome } from "./outcomes.ts";
import { isRight } from "./outcomes.ts";

/** Formats that outcomes can be exported in. */
export const exportNames = ["lm-eval"] as const;
export type ExportName = (typeof exportNames)[number];

const FILTERS = ["exact", "lenient"] as const;

/** What lm-eval writes where a filter found no answer. */
const INVALID = "[invalid]";

/** One line of `samples_TASK_TIME.jsonl` (lm_eval/evaluator.py, lm_eval/loggers/evaluation_tracker.py). */
interface Sample {
  doc_id: number;
  doc: Record<string, unknown>;
  target: string;
  arguments: { gen_args_0: { arg_0: string; arg_1: Record<string, unknown> } };
  resps: string[][];
  filtered_resps: string[];
  filter: (typeof FILTERS)[number];
  metrics: ["acc"];
  doc_hash: string;
  prompt_hash: string;
  target_hash: string;
  acc: 0 | 1;
}

const hash = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** `json.dumps(value, indent=2, ensure_ascii=False)`, which the harness hashes; the same text for plain values. */
const dumps = (value: unknown): string => JSON.stringify(value, null, 2);

/** The prompt as text, one image token for each image. */
async function promptText(model: LatentModel, example: Example): Promise<string> {
  const { ids } = await promptOf(model, example);
  const { image } = model.network.config.tokens;
  return model.tokenizer.decode(ids.filter((id, i) => id !== image || ids[i - 1] !== image));
}

interface SampleInput {
  example: Example;
  index: number;
  prompt: string;
  maxTokens: number;
}

/**
 * The two samples of an outcome: by the family's own extraction, and by lenient scoring. As in the harness each filter
 * has its own; images are left out of `doc`.
 *
 * @example
 * const example = { id: "7", question: "Which?", options: ["A", "B"], answer: 1, attributes: {} };
 * const outcome = { text: "B", choice: 1, lenient: 1, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * samplesOf({ example, index: 0, prompt: "Which?", maxTokens: 64 }, outcome).map(({ acc }) => acc); // [1, 1]
 */
export function samplesOf({ example, index, prompt, maxTokens }: SampleInput, outcome: Outcome): Sample[] {
  const { id, question, options, optionTexts, answer, group, attributes } = example;
  const doc = {
    id,
    question,
    options,
    ...(optionTexts && { option_texts: optionTexts }),
    answer,
    ...(group !== undefined && { group }),
    attributes,
  };
  const target = options[answer]!;
  const choices = {
    exact: outcome.choice,
    ...(outcome.lenient !== undefined && { lenient: outcome.lenient }),
  };
  return Object.entries(choices).map(([filter, choice]) => ({
    doc_id: index,
    doc,
    target,
    arguments: {
      gen_args_0: { arg_0: prompt, arg_1: { do_sample: false, max_gen_toks: maxTokens, until: [] } },
    },
    resps: [[outcome.text]],
    filtered_resps: [choice === null ? INVALID : options[choice]!],
    filter: filter as Sample["filter"],
    metrics: ["acc"],
    doc_hash: hash(dumps(doc)),
    prompt_hash: hash(prompt),
    target_hash: hash(target),
    acc: isRight({ ...outcome, choice }, answer) ? 1 : 0,
  }));
}

/** Mean of 0 and 1, with the harness's standard error of a mean (lm_eval/api/metrics.py, mean_stderr). */
function meanOf(samples: readonly Sample[], filter: string): [string, number | string][] {
  const n = samples.length;
  if (n === 0) return [];
  const rate = mean(samples.map(({ acc }) => acc));
  const error = n > 1 ? Math.sqrt((rate * (1 - rate)) / (n - 1)) : "N/A";
  return [
    [`acc,${filter}`, rate],
    [`acc_stderr,${filter}`, error],
  ];
}

/**
 * `results_TIME.json` (lm_eval/evaluator.py, lm_eval/loggers/evaluation_tracker.py): a task of the harness is a task under
 * one intervention.
 *
 * @example
 * resultsOf(new Map([["tetris-own", []]]), new Date(0)).results; // { "tetris-own": { alias: "tetris-own" } }
 */
export function resultsOf(tasks: ReadonlyMap<string, readonly Sample[]>, time: Date) {
  const names = [...tasks.keys()];
  const each = <T>(value: (name: string, samples: readonly Sample[]) => T): Record<string, T> =>
    Object.fromEntries([...tasks].map(([name, samples]) => [name, value(name, samples)]));
  const metric = { metric: "acc", aggregation: "mean", higher_is_better: true };
  return {
    results: each((name, samples) => ({
      alias: name,
      ...Object.fromEntries(
        FILTERS.flatMap((filter) =>
          meanOf(
            samples.filter((sample) => sample.filter === filter),
            filter,
          ),
        ),
      ),
    })),
    group_subtasks: each(() => []),
    configs: each((task) => ({
      task,
      output_type: "generate_until",
      num_fewshot: 0,
      metric_list: [metric],
      filter_list: FILTERS.map((name) => ({ name })),
    })),
    versions: each(() => 1),
    "n-shot": each(() => 0),
    higher_is_better: each(() => ({ acc: true })),
    "n-samples": each((_, samples) => {
      const original = new Set(samples.map(({ doc_id }) => doc_id)).size;
      return { original, effective: original };
    }),
    config: { model: "lintel", model_args: `version=${lintelVersion()}` },
    date: time.getTime() / 1000,
    task_hashes: each((_, samples) =>
      hash(
        samples
          .map(({ doc_hash, prompt_hash, target_hash }) => doc_hash + prompt_hash + target_hash)
          .join(""),
      ),
    ),
    model_source: "lintel",
    tasks: names,
  };
}

/**
 * Writes `samples_TASK-INTERVENTION_TIME.jsonl` for each intervention, samples of one filter together as the harness has
 * them, and `results_TIME.json`. Answers the names of the files.
 */
export async function writeSamples(
  directory: string,
  model: LatentModel,
  examples: readonly Example[],
  outcomes: readonly ExampleOutcomes[],
  { task, names, time = new Date() }: { task: string; names: readonly string[]; time?: Date },
): Promise<string[]> {
  const byId = new Map(outcomes.map((each) => [each.example, each.outcomes]));
  const prompts: string[] = [];
  for (const example of examples) prompts.push(await promptText(model, example));
  const stamp = time.toISOString().replace("Z", "").replaceAll(":", "-");
  const word = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/_+$/, "");
  const files: string[] = [];
  const tasks = new Map<string, Sample[]>();
  for (const name of names) {
    const samples = examples.flatMap((example, index) => {
      const outcome = byId.get(example.id)?.[name];
      const { maxTokens } = model.generation;
      return outcome ? samplesOf({ example, index, prompt: prompts[index]!, maxTokens }, outcome) : [];
    });
    if (samples.length === 0) continue;
    const filters = FILTERS.flatMap((filter) => samples.filter((each) => each.filter === filter));
    const called = `${word(task)}-${word(name)}`;
    const file = `samples_${called}_${stamp}.jsonl`;
    await writeFileAtomic(join(directory, file), filters.map((each) => `${JSON.stringify(each)}\n`).join(""));
    files.push(file);
    tasks.set(called, filters);
  }
  if (tasks.size > 0) {
    files.push(`results_${stamp}.json`);
    await writeFileAtomic(join(directory, files.at(-1)!), `${dumps(resultsOf(tasks, time))}\n`);
  }
  return files;
}
