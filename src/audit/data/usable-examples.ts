/** Examples that the model can be evaluated on: images decode, prompts fit, tokens are in the vocabulary. */
import { type LatentModel, oraclesOf, promptOf } from "../../reasoning/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import { checkNotEmpty } from "./read-data.ts";

/** Throws if the model cannot be evaluated on an example. */
async function checkExample(model: LatentModel, example: Example): Promise<void> {
  const where = `example ${example.id}`;
  const { tokens, text } = model.network.config;
  // LLaVA's image token reads as Lintel's own sign for an image.
  const asked = example.question.replaceAll("<image>", " ");
  const words = `${asked} ${example.caption ?? ""} ${example.helperText ?? ""}`;
  const { imageTokens = [tokens.image] } = model.prepares ?? {};
  ensure(!model.tokenizer.encode(words).some((id) => imageTokens.includes(id)), "dataset", () => ({
    where: `${where}, question or caption`,
    expected: '"<image>" where images stand',
    got: "the model's own image token",
  }));
  // A helper that is too small for the latents of a block is found here.
  await oraclesOf(model, example);
  const { ids } = await promptOf(model, example);
  // Some architectures have their image token behind the embedding table.
  const beyond = ids.find((id) => id < 0 || (id >= text.vocabSize && id !== tokens.image));
  ensure(beyond === undefined, "dataset", () => ({
    where: `${where}, question`,
    expected: `token ids below ${text.vocabSize}, the rows of the embedding table`,
    got: String(beyond),
    attempt: "the tokenizer that belongs to the checkpoint",
  }));
}

/** Removes the examples with non-finite outputs; they are reported with that reason. */
export function withoutBroken(
  examples: readonly Example[],
  broken: readonly number[],
): { examples: Example[]; skipped: Skipped[] } {
  const gone = new Set(broken);
  return {
    examples: examples.filter((_, i) => !gone.has(i)),
    skipped: broken.map((i) => ({
      example: examples[i]!.id,
      reason: `example ${examples[i]!.id}: expected finite numbers, got NaN or infinite ones from the model`,
    })),
  };
}

/** An error that concerns one example, or null: then it is the audit's. */
const reasonOf = (error: unknown): string | null =>
  error instanceof LintelError && ["dataset", "input"].includes(error.code) ? error.message : null;

/** Images encoded together: as many as the vision tower takes at once, and no more bytes than these at a time. */
const GROUP = { images: 256, bytes: 1 << 26 };

/** Images of examples in groups; the bytes of one group at a time are in memory where images are read from their files. */
function* groupsOf(
  examples: readonly Example[],
  images: (example: Example) => readonly Uint8Array[],
): Generator<Uint8Array[]> {
  let group: Uint8Array[] = [];
  let bytes = 0;
  for (const example of examples) {
    for (const image of images(example)) {
      group.push(image);
      bytes += image.length;
    }
    if (group.length < GROUP.images && bytes < GROUP.bytes) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

/**
 * The examples that the model can be evaluated on: without those whose images do not decode, whose
 * question names another number of images than there are, or holds ids that the model does not have, or whose helper is
 * too small for a block.
 *
 * Errors: "dataset" where none is left; whatever concerns more than one example.
 */
export async function usableExamples(
  model: LatentModel,
  examples: readonly Example[],
  where: string,
): Promise<{ examples: Example[]; skipped: Skipped[] }> {
  const blind = model.prepares && !model.prepares.vision;
  const shown = examples.find((each) => each.images.length > 0);
  ensure(!blind || !shown, "dataset", () => ({
    where: `${where}, example ${shown!.id}`,
    expected: `questions without images: ${model.prepares!.architecture} reads none`,
    got: `${shown!.images.length} of them`,
    attempt: "data of words alone, or a model that reads images",
  }));
  const images = (each: Example) => [...each.images, ...(blind ? [] : each.helpers)];
  let together = true;
  try {
    for (const group of groupsOf(examples, images)) await model.features.get(group);
  } catch (error) {
    if (reasonOf(error) === null) throw error;
    together = false;
  }
  const usable: Example[] = [];
  const skipped: Skipped[] = [];
  for (const example of examples) {
    try {
      if (!together) await model.features.get(images(example));
      await checkExample(model, example);
      usable.push(example);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null) throw error;
      skipped.push({ example: example.id, reason });
    }
  }
  checkNotEmpty({ examples: usable, skipped }, where);
  return { examples: usable, skipped };
}
