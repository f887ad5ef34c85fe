/** Writes known-answer models and their data to disk, so that every command can be tried on known ground truth. */
import { join } from "node:path";
import type { Verdict } from "../audit/index.ts";
import {
  type Claim,
  claim,
  ensureDirectory,
  readJson,
  writeFileAtomic,
  writeJson,
} from "../formats/index.ts";
import { type Example, readManifest, writeDataset, writeRecords } from "../tasks/index.ts";
import { type LockOptions, lintelVersion, withLock } from "../util/index.ts";
import { saveKnownModel } from "./checkpoint.ts";
import { knownExamples } from "./examples.ts";
import { type Fact, type KnownModel, knownModels } from "./models.ts";

/** `selftest.json` in the directory. */
export interface Kept {
  format: "lintel-selftest";
  version: 1;
  lintel: string;
  seed: number;
  models: {
    name: string;
    /** What its answers rest on. */
    truth: string;
    /** Relative to the directory. */
    model: string;
    data: string;
    examples: number;
    verdict: Verdict;
    /** Number of examples from which the audit concludes it. null: no tested number is enough. */
    from: number | null;
    /** Accuracy under interventions, within four standard errors at this number of examples. */
    accuracies: Record<string, number>;
    command: string;
  }[];
  /** Data of which every question is answered rightly by `model`: whatever reads them rightly finds an accuracy of 1. */
  reading: { model: string; data: string; examples: number; accuracy: 1; command: string }[];
}

interface KeepOptions extends Pick<LockOptions, "breakLock" | "signal"> {
  models?: readonly KnownModel[];
  /** Examples of each dataset. */
  examples: number;
  seed?: number;
}

const MANIFEST = "selftest.json";
/** Whose answers are all right where every picture shows its color, own latents or not. */
const READER = "reads-latents";

/** Tokens of the longest prompt that `READER` answers rightly (tested). */
const LONGEST = 18;

const factsOf = (facts: readonly Fact[]): Record<string, number> =>
  Object.fromEntries(facts.map(({ intervention, accuracy }) => [intervention, accuracy]));

async function writeData(directory: string, examples: Example[], seed: number): Promise<void> {
  // A kill may have come between two datasets: finished ones are of the same request.
  if (await readManifest(directory)) return;
  const about = { title: "Known answers", description: "Questions after the colour of a picture." };
  await writeDataset(directory, { eval: examples }, { task: "known", ...about, seed, parameters: {} });
}

/** What the models of a manifest are, for people. */
function readme({ models, reading, seed }: Kept): string {
  const rows = models.map(({ name, truth, verdict, from, examples, accuracies, command }) => {
    const all = Object.entries(accuracies).map(([of, accuracy]) => `| ${of} | ${accuracy.toFixed(3)} |`);
    const table = ["| intervention | accuracy |", "|---|---|", ...all].join("\n");
    const unless =
      from === null
        ? verdict === "inconclusive"
          ? ", whatever the number of examples"
          : " (or inconclusive)"
        : from > examples
          ? ` (from ${from} examples on; with ${examples} it may be inconclusive)`
          : "";
    return `## ${name}\n\n${truth}\n\nVerdict: **${verdict}**${unless}.\n\n\`\`\`sh\n${command}\n\`\`\`\n\n${table}\n`;
  });
  const exact = reading.map(({ command }) => command).join("\n");
  return `# Models whose truth is known

Written by \`lintel selftest --keep\` (seed ${seed}). Weights were written by hand, so it is known what every answer rests on.
The checkpoints and datasets are ordinary ones; run the commands in this directory. Accuracies hold up to four standard
errors: √(p (1 − p) / n), so 0 and 1 hold exactly. The same facts are in \`${MANIFEST}\`.

## Is a file read rightly?

Every answer is right under \`own\` here, in each format: another accuracy than 1 is a fault of reading.

Custom examples: one image of a single color (red A, green B, blue C, white D) of 12 × 12 pixels, and a question of as many tokens as
these (at most ${LONGEST} with the image, as \`lintel audit --dry-run\` counts them). The models read no words. Behind longer prompts, such as
VLMEvalKit's template with a hint, the hand-written attention does not find the image, and accuracies mean nothing.

\`\`\`sh
${exact}
\`\`\`

${rows.join("\n")}`;
}

/**
 * Writes known-answer models and the data of each, in ordinary formats, with a README and a manifest that say what an
 * audit must find and how it is run. The same call on the same directory goes on after a kill, and changes nothing when
 * all is there.
 *
 * Errors: "usage" where the directory holds anything else, "output" where it cannot be written.
 *
 * @example
 * const kept = await keepKnown("known", { models: knownModels.slice(0, 1), examples: 60 });
 * kept.models[0].command; // "lintel audit --model models/reads-latents --data data/reads-latents …"
 */
export async function keepKnown(
  directory: string,
  { models = knownModels, examples: n, seed = 0, breakLock, signal }: KeepOptions,
): Promise<Kept> {
  const root = await ensureDirectory(directory);
  const request: Claim = {
    kind: "selftest",
    what: "a set of known-answer models",
    inputs: { selftest: { models: models.map(({ name }) => name).join(", "), examples: n, seed } },
  };
  return withLock(root, { breakLock, signal }, async () => {
    const begun = await claim(root, request);
    const path = join(root, MANIFEST);
    const there =
      begun === "same" ? await readJson(path, { expected: "JSON", attempt: "deleting it" }) : null;
    if (there !== null) return there as Kept;
    const kept: Kept = {
      format: "lintel-selftest",
      version: 1,
      lintel: lintelVersion(),
      seed,
      models: [],
      reading: [],
    };
    for (const known of models) {
      signal?.throwIfAborted();
      const { name, truth, clear, facts, helper } = known;
      const [model, data] = [`models/${name}`, `data/${name}`];
      await saveKnownModel(join(root, model), known);
      await writeData(join(root, data), knownExamples(n, clear, seed, helper), seed);
      const accuracies = factsOf(facts);
      const named = Object.keys(accuracies).join(",");
      const command = `lintel audit --model ${model} --data ${data} --interventions '${named}' --out audits/${name}`;
      const { conclusion: verdict, from } = known.verdict;
      kept.models.push({ name, truth, model, data, examples: n, verdict, from, accuracies, command });
    }
    kept.reading = await writeReading(root, n, seed);
    await writeFileAtomic(join(root, "README.md"), readme(kept));
    await writeJson(path, kept);
    return kept;
  });
}

/** The same questions as Parquet and as JSON Lines with image files, and the model that answers all of them. */
async function writeReading(root: string, n: number, seed: number): Promise<Kept["reading"]> {
  const examples = knownExamples(n, 1, seed);
  const model = `models/${READER}`;
  await saveKnownModel(join(root, model), knownModels.find(({ name }) => name === READER)!);
  await writeData(join(root, "data/all-right"), examples, seed);
  const meta = { task: "known", seed, parameters: {} };
  const records = { format: "jsonl", sizes: { eval: n } } as const;
  await writeRecords(join(root, "data/all-right-jsonl"), { eval: examples }, meta, records);
  return ["data/all-right", "data/all-right-jsonl --map lintel-jsonl"].map((data) => ({
    model,
    data: data.split(" ")[0]!,
    examples: n,
    accuracy: 1 as const,
    command: `lintel audit --model ${model} --data ${data} --interventions own,zeros`,
  }));
}
