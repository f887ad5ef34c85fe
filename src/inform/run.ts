import { mean } from "../numeric/index.ts";
import { pairedDifference, wilson } from "../statistics/index.ts";
import type { Example } from "../tasks/index.ts";
import {
  ensure,
  LintelError,
  lintelVersion,
  type OnProgress,
  PROCESS_BYTES,
  requireMemory,
} from "../util/index.ts";
import { informationOf } from "./information.ts";
import { CONTAINED } from "./match.ts";
import { type PreparedExample, prepareExample } from "./prepared-example.ts";
import { answerText, answerTexts } from "./question-words.ts";
import {
  type ReaderName,
  type ReaderOptions,
  type ReaderOutput,
  type ReaderOutputs,
  readAll,
} from "./readers.ts";
import type { InformResult, ReaderResult } from "./schema.ts";
import { containedAsIs, findTransforms, type TransformSearch } from "./transforms.ts";
import { helperAlone, judgeHelpers } from "./verdict.ts";

export interface InformOptions {
  /** What the examples are called in the result and in errors. */
  dataset: string;
  task: string;
  split: string;
  seed?: number;
  /** Parts of cross-fitting; 3 if left out. */
  folds?: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Bytes of an example: its reduced images, and its features for all readers, from the memory that runs of `inform` took (docs/cases.md). */
const PREPARED = 0.25 * 2 ** 20;

/** Fewer examples teach no reader anything. */
const FEWEST = 60;

/** The correlation of an example: that of its least contained helper; null where one is of one color. */
function nccOf({ matches }: PreparedExample): number | null {
  const all = matches.map((match) => match?.ncc ?? null);
  return all.includes(null) ? null : Math.min(...(all as number[]));
}

const quantile = (sorted: readonly number[], level: number): number =>
  sorted[Math.round(level * (sorted.length - 1))]!;

function redundancyOf(
  cases: readonly PreparedExample[],
  readings: ReaderOutputs,
  found: TransformSearch["found"],
): InformResult["redundancy"] {
  const known = cases.map(nccOf).filter((ncc) => ncc !== null);
  const sorted = [...known].sort((a, b) => a - b);
  const contained = known.filter((ncc) => ncc >= CONTAINED).length;
  const histogram = new Array<number>(20).fill(0);
  for (const ncc of known) histogram[Math.min(19, Math.floor((ncc + 1) * 10))]!++;
  // Where a helper is not contained, "its place" means nothing.
  const counted = cases.flatMap((each, i) => (each.transformed || containedAsIs(each) ? [i] : []));
  const hits = counted.filter((i) => readings.pointed[i]).length;
  const byDonor = counted.filter((i) => readings.pointedByDonor[i]).length;
  const any = counted.length > 0;
  return {
    threshold: CONTAINED,
    measured: known.length,
    contained: known.length > 0 ? contained / known.length : null,
    interval: known.length > 0 ? wilson(contained, known.length).value : null,
    transformed: found && { contained: found.count / cases.length, turned: found.turned / cases.length },
    mean: known.length > 0 ? mean(known) : null,
    quantiles:
      known.length > 0 ? [0.05, 0.25, 0.5, 0.75, 0.95].map((level) => quantile(sorted, level)) : null,
    histogram,
    pointed: any ? hits / counted.length : null,
    pointedInterval: any ? wilson(hits, counted.length).value : null,
    pointedByDonor: any ? byDonor / counted.length : null,
  };
}

function readersOf(cases: readonly PreparedExample[], readings: ReaderOutputs): InformResult["readers"] {
  const n = cases.length;
  const places = new Map<number, number>();
  for (const { answer } of cases) places.set(answer, (places.get(answer) ?? 0) + 1);
  const [text] = answerTexts(cases, 1);
  const blindText = cases.filter((each) => answerText(each) === text).length / n;
  const blindPlace = Math.max(...places.values()) / n;
  const of = (name: ReaderName, blind: number): ReaderResult => {
    const right = readings.readers[name].right.filter(Boolean).length;
    return { accuracy: right / n, interval: wilson(right, n).value, blind };
  };
  return {
    text: of("text", blindPlace),
    image: of("image", blindPlace),
    helper: of("helper", blindText),
    helperPlace: of("helperPlace", blindPlace),
    guess: of("guess", blindText),
    guessPlace: of("guessPlace", blindPlace),
    helperOptions: of("helperOptions", blindPlace),
    without: of("without", blindPlace),
    with: of("with", blindPlace),
  };
}

function beyond(all: ReaderOutput, alone: ReaderOutput) {
  const counts = { n11: 0, n10: 0, n01: 0, n00: 0 };
  for (const [i, right] of all.right.entries()) {
    counts[right ? (alone.right[i] ? "n11" : "n10") : alone.right[i] ? "n01" : "n00"]++;
  }
  return pairedDifference(counts).value;
}

/**
 * What the helpers of some examples are worth, before anything large is trained on them.
 *
 * - *Redundancy*: the best normalized cross-correlation of each helper with the input.
 * - *V-usable information* (Xu et al. 2020, arXiv 2002.10689) of the helper about the answer beyond image and question:
 *   the cross-entropy of a reader without it less that of one of equal capacity with it, cross-fitted; per example it is
 *   the pointwise V-information of Ethayarajh et al. 2022 (arXiv 2110.08420). It is relative to these readers: they can
 *   look at any place of the input, and compare a helper with the input, and are linear otherwise. Information that they
 *   cannot use, such as text in photographs, does not count.
 * - What readers achieve that see only the question, the images, or the helper.
 *
 * Examples without a helper are passed over. Throws `LintelError` "dataset" when fewer than 60 examples have one, or
 * images do not decode.
 *
 * @example
 * const examples = [...tasks.crop.generate("train", 64, 0, { rendering: "pocket" })];
 * (await inform(examples, { dataset: "demo", task: "crop", split: "train", folds: 2 })).redundancy.contained; // 1
 *
 * @experimental
 */
export async function inform(examples: readonly Example[], options: InformOptions): Promise<InformResult> {
  const { dataset, task, split, seed = 0, folds = 3, onProgress, signal } = options;
  const started = performance.now();
  const usable = examples.filter(({ helpers }) => helpers.length > 0);
  requireHelpers(dataset, usable.length, examples.length);
  requireMemory(
    `inform ${dataset}`,
    { process: PROCESS_BYTES, examples: usable.length * PREPARED },
    "a smaller --limit",
  );
  const asGiven: PreparedExample[] = [];
  for (const example of usable) {
    signal?.throwIfAborted();
    asGiven.push(await prepareExample(example));
    onProgress?.({ label: "match helpers", done: asGiven.length, total: usable.length, unit: "examples" });
  }
  const onExample = (done: number, total: number): void => {
    signal?.throwIfAborted();
    onProgress?.({ label: "match transformed helpers", done, total, unit: "examples" });
  };
  const { cases, found } = await findTransforms(usable, asGiven, onExample);
  const measured = await measureCases(cases, found, { seed, folds, onProgress, signal });
  const n = cases.length;
  return {
    lintel: lintelVersion(),
    dataset,
    task,
    split,
    seed,
    folds,
    n,
    withoutHelper: examples.length - n,
    chance: mean(cases.map((each) => 1 / each.options.length)),
    seconds: (performance.now() - started) / 1000,
    ...measured,
  };
}

/** What is measured on examples whose helpers were looked for in their images. */
type Measured = Pick<
  InformResult,
  "redundancy" | "information" | "readers" | "verdict" | "reasons" | "examples"
>;

/**
 * Trains the readers and judges. `inform` without the search for helpers: calibration calls it on planted cases.
 *
 * @param found - What the search for transformed helpers found.
 */
export async function measureCases(
  cases: readonly PreparedExample[],
  found: TransformSearch["found"],
  options: ReaderOptions,
): Promise<Measured> {
  const readings = await readAll(cases, options);
  const uncertainty = mean(cases.map((each) => Math.log2(each.options.length)));
  const { information, perExample } = informationOf(cases, readings.readers, uncertainty, options.seed);
  const redundancy = redundancyOf(cases, readings, found);
  const readers = readersOf(cases, readings);
  const form = helperAlone(readers);
  const alone = readings.readers[form];
  const judgment = judgeHelpers({
    redundancy,
    information,
    readers,
    beyondHelper: beyond(readings.readers.with, alone),
    beyondGuess: beyond(alone, readings.readers[form === "helper" ? "guess" : "guessPlace"]),
  });
  const examples = perExample.map((each, i) => ({ ...each, ncc: nccOf(cases[i]!) }));
  return { redundancy, information, readers, ...judgment, examples };
}

function requireHelpers(dataset: string, usable: number, all: number): void {
  if (all > 0 && usable === 0) {
    throw new LintelError("dataset", {
      where: dataset,
      expected: "helper images, whose worth is to be measured",
      got: `${all} examples without any`,
      attempt: "a dataset with helpers, or a field mapping that says where they are",
    });
  }
  ensure(usable >= FEWEST, "dataset", () => ({
    where: dataset,
    expected: `at least ${FEWEST} examples with helpers: readers are trained on them`,
    got: String(usable),
    attempt: "a larger split or limit",
  }));
}
