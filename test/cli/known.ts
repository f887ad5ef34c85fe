/** What most tests of commands begin with: a known-answer checkpoint, and examples that it can be asked. */
import { join } from "node:path";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { type Example, writeDataset } from "../../src/tasks/index.ts";

const facts = { task: "known", title: "known", description: "known", seed: 0, parameters: {} };

/** A dataset of ours with these examples as its split eval. */
export const writeKnownData = async (directory: string, examples: Example[]): Promise<void> => {
  await writeDataset(directory, { eval: examples }, facts);
};

/** `model` and `data`, eight examples, within a directory. */
export async function writeKnown(directory: string): Promise<void> {
  await saveKnownModel(join(directory, "model"), knownModels[0]!);
  await writeKnownData(join(directory, "data"), knownExamples(8, 1, 0));
}
