/** The examples of an audit: a dataset of ours or one read by a field mapping, less those that cannot be asked. */

import { type LatentModel, oraclesOf, promptOf } from "../../reasoning/index.ts";
import { described, type Example, readMapped, readSplit, type Skipped } from "../../tasks/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { MappedReading } from "../record/question-report.ts";
import type { AuditOptions } from "../request/options.ts";
import { corruptImages } from "./corrupt-images.ts";

/** How a benchmark was read. */
export interface Benchmark {
  /** Ready mapping, or the YAML file's name. */
  mapping: string;
  /** Seed of the order of options; null where they stand as in the file. */
  optionSeed: number | null;
  /** Only where it is so: regions of the input are black. */
  corrupted?: true;
}

/** Examples as they were read. */
export interface AuditData {
  examples: Example[];
  split: string;
  task: string;
  skipped: Skipped[];
  benchmark?: Benchmark;
  /** What reading by a mapping found out. */
  reading?: MappedReading;
}

/**
 * Reads what an audit is asked for. Records that a mapping does not fit are counted and passed over.
 *
 * Errors: "dataset" where nothing is there or nothing is left, "usage" for mappings, and for shuffling without one.
 *
 * @example
 * const failed = await readAuditData({ data: "no-data" }).catch((error) => error);
 * failed instanceof LintelError; // true
 */
export async function readAuditData({
  data,
  split,
  limit,
  skip = 0,
  map,
  shuffleOptions,
  corruptImage = false,
  seed = 0,
}: Pick<
  AuditOptions,
  "data" | "split" | "limit" | "skip" | "map" | "shuffleOptions" | "corruptImage" | "seed"
>): Promise<AuditData> {
  const limited = limit === undefined ? {} : { limit: skip + limit };
  const skipped: Skipped[] = [];
  const onSkipped = (each: Skipped): void => {
    skipped.push(each);
  };
  if (map === undefined) {
    ensure(typeof shuffleOptions !== "number", "usage", () => ({
      where: "shuffling options",
      expected: "a benchmark read by a mapping, which lists options in the question",
      got: "a dataset of Lintel's own, whose questions stand as they are",
      attempt: "--map with the name of a mapping",
    }));
    ensure(!corruptImage, "usage", () => ({
      where: "painting regions of the input black",
      expected: "a benchmark read by a mapping whose helpers are cut out of the input",
      got: "a dataset of Lintel's own",
      attempt: "--map viscot-mc; of generated data the task crop-masked is this control",
    }));
    const read = await readSplit(data, split ?? "eval", { ...limited, onSkipped });
    const { name, task } = read;
    const examples = read.examples.slice(skip).map((example) => described(task, example));
    leftOrFail({ examples, skipped }, `${data}, split ${name}`);
    return { examples, split: name, task, skipped };
  }
  const asked = { split, seed, shuffleOptions, audit: true, onSkipped, ...limited };
  const read = await readMapped(data, map, asked);
  const { name, task, optionSeed, unused, notes, answerForm } = read;
  const examples = read.examples.slice(skip);
  const reading: MappedReading = { unused, notes, ...(answerForm && { answerForm }) };
  leftOrFail({ examples, skipped }, `${data}, split ${name}, read as ${map}`);
  const benchmark: Benchmark = { mapping: task, optionSeed };
  if (!corruptImage) return { examples, split: name, task, skipped, benchmark, reading };
  const black = await corruptImages(examples, `${data}, split ${name}, read as ${map}`);
  return {
    examples: black.examples,
    split: name,
    task,
    skipped: [...skipped, ...black.skipped],
    benchmark: { ...benchmark, corrupted: true },
    reading,
  };
}

/** Throws "dataset" where no example is left, with the reason of the first that was passed over. */
export function leftOrFail(
  { examples, skipped }: { examples: readonly unknown[]; skipped: readonly Skipped[] },
  where: string,
): void {
  ensure(examples.length > 0, "dataset", () => ({
    where,
    expected: "at least one example",
    got:
      skipped.length === 0
        ? "none"
        : `none; ${skipped.length} cannot be used, the first: ${skipped[0]!.reason}`,
  }));
}

/** Throws what is wrong with an example that the model cannot be asked. */
async function checkExample(model: LatentModel, example: Example): Promise<void> {
  const where = `example ${example.id}`;
  const { tokens, text } = model.network.config;
  const words = `${example.question} ${example.caption ?? ""}`;
  ensure(!model.tokenizer.encode(words).includes(tokens.image), "dataset", () => ({
    where: `${where}, question or caption`,
    expected: '"<image>" where images stand',
    got: "the model's own image token",
  }));
  // A helper that is too small for the latents of a block is found here.
  await oraclesOf(model, example);
  const { ids } = await promptOf(model, example);
  const beyond = ids.find((id) => id < 0 || id >= text.vocabSize);
  ensure(beyond === undefined, "dataset", () => ({
    where: `${where}, question`,
    expected: `token ids below ${text.vocabSize}, the rows of the embedding table`,
    got: String(beyond),
    attempt: "the tokenizer that belongs to the checkpoint",
  }));
}

/** Examples without those that the model has no finite numbers for, which are told with that reason. */
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
 * The examples that the model can be asked, their images looked at: without those whose images do not decode, whose
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
  const images = (each: Example) => [...each.images, ...each.helpers];
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
  leftOrFail({ examples: usable, skipped }, where);
  return { examples: usable, skipped };
}
