/** Reading the examples of an audit: a dataset of Lintel, or one read through a field mapping. */

import { lightened } from "../../formats/index.ts";
import { described, type Example, readMapped, readSplit, type Skipped } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import type { MappedReading } from "../record/question-report.ts";
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

export interface DataRequest {
  /** Dataset directory; with `map`, any file or directory that the mapping reads. */
  directory: string;
  /** Default: "eval"; for a benchmark, its test split. */
  split?: string;
  /** A field mapping by name, or a YAML file, for foreign datasets (docs/benchmarks.md). */
  map?: string;
  /** With `map`: seed of the order of options; null keeps the order of the file. Default: as the mapping says. */
  shuffleOptions?: number | null;
  /** Black out the helper's source region in the input image. Only with `map`. */
  corruptImage?: boolean;
  /** Maximum number of examples, after `skip`. */
  limit?: number;
  /** Number of examples to leave out at the start of the split. */
  skip?: number;
}

/** The examples of an audit and where they come from. */
export interface AuditData {
  examples: readonly Example[];
  /** Default: "eval". */
  split?: string;
  /** The task or dataset. */
  task?: string;
  /** Records that could not be read. */
  skipped?: readonly Skipped[];
  benchmark?: Benchmark;
  /** Observations of the mapping. */
  reading?: MappedReading;
}

/** Bytes of examples that stay in memory as they are: of more, images and the like are read from a temporary file. */
const IN_MEMORY = 8 * 2 ** 20;
/** An example without its images. */
const EXAMPLE = 2048;
const HEAVY = "images helpers counterfactuals edits attributes reasoning state regions caption helperText";

/** Keeps examples with what their task knows of them, and in little memory where there are many. */
function keptLight(): (example: Example, task: string) => Example {
  const light = lightened<Example>({ inMemory: IN_MEMORY, fields: HEAVY.split(" ") as (keyof Example)[] });
  const known = new Map<string, Pick<Example, "question" | "options">>();
  return (example, task) => {
    const { images, helpers, counterfactuals, edits = [] } = example;
    const held = [images, helpers, ...counterfactuals, ...edits.map((edit) => edit.images)];
    const bytes = held.reduce((sum, list) => (list ?? []).reduce((n, { length }) => n + length, sum), 0);
    const key = JSON.stringify([example.question, example.options]);
    const { question, options } = known.get(key) ?? example;
    if (known.size < SHARED) known.set(key, { question, options });
    return light(described(task, { ...example, question, options }), EXAMPLE + bytes);
  };
}

/** Questions with their options that are kept to be shared, at most. */
const SHARED = 1000;

/**
 * Reads the examples of an audit. Records that the mapping does not fit are skipped and reported.
 *
 * Errors: "dataset" where nothing is there or nothing is left, "usage" for mappings, and for shuffling without one.
 *
 * @example
 * const failed = await readAuditData({ directory: "no-data" }, 0).catch((error) => error);
 * failed instanceof LintelError; // true
 */
export async function readAuditData(
  { directory: data, split, limit, skip = 0, map, shuffleOptions, corruptImage = false }: DataRequest,
  seed: number,
): Promise<AuditData & { split: string }> {
  const limited = limit === undefined ? {} : { limit: skip + limit };
  const skipped: Skipped[] = [];
  const onSkipped = (each: Skipped): void => {
    skipped.push(each);
  };
  if (map === undefined) {
    ensure(typeof shuffleOptions !== "number", "usage", () => ({
      where: "--shuffle-options",
      expected: "a benchmark read by a mapping, which lists options in the question",
      got: "a dataset that Lintel generated, whose option order is fixed",
      attempt: "--map with the name of a mapping",
    }));
    ensure(!corruptImage, "usage", () => ({
      where: "--corrupt-image",
      expected: "a benchmark read by a mapping whose helpers are cut out of the input",
      got: "a dataset of Lintel's own",
      attempt: "--map viscot-mc; of generated data the task crop-masked is this control",
    }));
    const read = await readSplit(data, split ?? "eval", { ...limited, onSkipped, keep: keptLight() });
    const { name, task } = read;
    const examples = read.examples.slice(skip);
    checkSkip(skip, read.examples.length);
    checkNotEmpty({ examples, skipped }, `${data}, split ${name}`);
    return { examples, split: name, task, skipped };
  }
  const asked = { split, seed, shuffleOptions, audit: true, onSkipped, ...limited };
  const read = await readMapped(data, map, asked);
  const { name, task, optionSeed, unused, notes, answerForm } = read;
  checkSkip(skip, read.examples.length);
  const examples = read.examples.slice(skip);
  const reading: MappedReading = { unused, notes, ...(answerForm && { answerForm }) };
  checkNotEmpty({ examples, skipped }, `${data}, split ${name}, read as ${map}`);
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

/** Throws "usage" where all examples were skipped that there are. */
const checkSkip = (skip: number, there: number): void =>
  ensure(there === 0 || skip < there, "usage", () => ({
    where: "--skip",
    value: true,
    expected: `less than ${there}, the number of examples that can be used`,
    got: String(skip),
  }));

/** Throws "dataset" where no example is left, with the reason of the first that was passed over. */
export function checkNotEmpty(
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
