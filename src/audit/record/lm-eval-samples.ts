/** Outcomes in the sample format of lm-evaluation-harness. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeFileAtomic } from "../../formats/index.ts";
import { type LatentModel, promptOf } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import type { ExampleOutcomes, Outcome } from "./outcomes.ts";
import { isRight } from "./outcomes.ts";

/** Formats that outcomes can be exported in. */
export const exportNames = ["lm-eval"] as const;
export type ExportName = (typeof exportNames)[number];

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
  filter: "exact" | "lenient";
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

/**
 * Writes `samples_TASK-INTERVENTION_TIME.jsonl` for each intervention; samples of one filter stand together, as the
 * harness has them. Answers the names of the files.
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
  for (const name of names) {
    const samples = examples.flatMap((example, index) => {
      const outcome = byId.get(example.id)?.[name];
      const { maxTokens } = model.generation;
      return outcome ? samplesOf({ example, index, prompt: prompts[index]!, maxTokens }, outcome) : [];
    });
    if (samples.length === 0) continue;
    const filters = (["exact", "lenient"] as const).flatMap((filter) =>
      samples.filter((each) => each.filter === filter),
    );
    const file = `samples_${word(task)}-${word(name)}_${stamp}.jsonl`;
    await writeFileAtomic(join(directory, file), filters.map((each) => `${JSON.stringify(each)}\n`).join(""));
    files.push(file);
  }
  return files;
}
