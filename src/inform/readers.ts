import { intersectionOverUnion, largest } from "../numeric/index.ts";
import { type OnProgress, random } from "../util/index.ts";

import { type CandidatePlace, placeOf, scenesOf } from "./candidate-windows.ts";
import { encoderOf, guessed, lastOf, ownHelpers, type Shown } from "./features.ts";
import { type Pointer, trainPointer } from "./pointer.ts";
import { alike, type PreparedExample } from "./prepared-example.ts";
import { answerText, answerTexts, optionTokens } from "./question-words.ts";
import { type Features, type Question, trainChoice } from "./softmax-choice.ts";
import { containedAsIs } from "./transforms.ts";

/** What one reader made of each example, while it was trained on others. */
export interface ReaderOutput {
  /** Probability it gave to the right answer. */
  probability: Float64Array;
  right: boolean[];
}

const readerNames = [
  "text",
  "image",
  "helper",
  "helperPlace",
  "guess",
  "guessPlace",
  "helperOptions",
  "without",
  "with",
] as const;
export type ReaderName = (typeof readerNames)[number];

export interface ReaderOutputs {
  readers: Record<ReaderName, ReaderOutput>;
  /** Whether the pointer, which does not see the helper, points at where it was found; null where it was not found. */
  pointed: (boolean | null)[];
  /** The same for the place where the helper of another example was found. */
  pointedByDonor: (boolean | null)[];
}

export interface ReaderOptions {
  seed: number;
  folds: number;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Whole options and words of options with weights of their own. */
const OPTION_TOKENS = 48;
/** Answers that a reader without options can name. */
const NAMED = 32;
/** A pointer hits when its window overlaps the helper's place by this much (intersection over union) … */
const HIT = 0.5;
/** … or shows the same: where a thing is twice in the input, either place is right. */
const SAME = 0.95;

/** What readers of everything see. */
const everything = ["images", "words", "helper", "place", "novel", "transform"] as const;

/** Cases as if the helper `back` before the last one were the only one; the first one where there are fewer. */
function earlierCases(cases: readonly PreparedExample[], back: number): PreparedExample[] {
  return cases.map((at) => {
    const i = Math.max(0, at.helpers.length - 1 - back);
    const { transformed: all, ...rest } = at;
    const transformed = all && [all[i]!];
    return {
      ...rest,
      helpers: [at.helpers[i]!],
      matches: [at.matches[i]!],
      novel: null,
      ...(all && { transformed }),
    };
  });
}

/** Whether most helpers are copies of a place, so that a pointer can learn where. */
const mostlyPlaced = (cases: readonly PreparedExample[]): boolean =>
  2 * cases.filter((at) => at.transformed || containedAsIs(at)).length > cases.length;

/** Fold of each row: random, of equal sizes. */
function foldsOf(count: number, folds: number, seed: number): number[] {
  const order = random(seed, "folds").shuffled(Array.from({ length: count }, (_, i) => i));
  const fold = new Array<number>(count);
  for (const [i, row] of order.entries()) fold[row] = i % folds;
  return fold;
}

const empty = (count: number): ReaderOutput => ({
  probability: new Float64Array(count),
  right: new Array<boolean>(count).fill(false),
});

const best = (p: Float64Array): number => p.reduce((top, value, j) => (value > p[top]! ? j : top), 0);

/** Whether a place is where the helper of an example was found; null where it was not, or no place is given. */
function hits(at: PreparedExample, place: CandidatePlace | null): boolean | null {
  const right = placeOf(at);
  if (!right || !place || !at.images[place.image]) return null;
  if (place.image === right.image && intersectionOverUnion(place.box, right.box) >= HIT) return true;
  return alike(guessed(at, place, at).last, lastOf(at)) >= SAME;
}

/**
 * Cross-fitted readers: every example is read by readers that were trained on the other folds.
 *
 * - `text` sees the question and the options, `image` images and options, `helperOptions` helpers and options;
 * - `helper` and `helperPlace` see the helpers alone and must name the answer among all answers of the dataset, or the
 *   answer's place among the options; `guess` and `guessPlace` do so with what a pointer that sees only the images guesses
 *   of the helper: what these reach is in the input, and no leak;
 * - `with` sees question, images, options, and the helpers with the place where the last one is found in the input, and
 *   that of its new part where the rest of it is as in the input;
 * - `without` sees the same, but in the stead of the helper what a pointer guesses of it from question and images alone.
 *   Its guesses on its training examples come from pointers that were trained on other ones, so they are as good there
 *   as on new examples. Same features, same parameters: capacity is equal by construction.
 */
export async function readAll(
  cases: readonly PreparedExample[],
  options: ReaderOptions,
): Promise<ReaderOutputs> {
  const { seed, folds, onProgress, signal } = options;
  const count = cases.length;
  const fold = foldsOf(count, folds, seed);
  const encoder = encoderOf(cases, seed);
  const scenes = scenesOf(cases, encoder.words);
  const tokens = optionTokens(cases, OPTION_TOKENS);
  const among: Question[] = cases.map(({ options: all, answer }) => ({
    candidates: all.map((option, place) => tokens.of(option, place)),
    answer,
  }));
  // Helpers before the last one are guessed as well where they are copies: another example's in their stead would tell
  // less than the input does.
  const earlier = Array.from({ length: largest(cases.map(({ helpers }) => helpers.length)) - 1 }, (_, k) =>
    earlierCases(cases, k + 1),
  ).map((at) => (mostlyPlaced(at) ? { at, scenes: scenesOf(at, encoder.words) } : null));
  const donor = random(seed, "donors").shuffled([...cases.keys()]);
  const own = (row: number): Shown => ownHelpers(cases[row]!);
  // Readers of the helper alone see it as it is: a leak need not look like the input.
  const asIs = cases.map(({ transformed: _, ...at }) => at);
  const alone = cases.some(({ transformed }) => transformed) ? encoderOf(asIs, seed) : encoder;
  const fixed = {
    with: encoder.encode(everything, own),
    text: encoder.encode(["words"], own),
    helper: alone.encode(["helper"], (row) => ownHelpers(asIs[row]!)),
  };

  const texts = answerTexts(cases, NAMED);
  const one = Float32Array.of(1);
  const single = (size: number) =>
    Array.from({ length: size }, (_, t) => ({ tokens: Int32Array.of(t), weights: one }));
  const allTexts = single(texts.length);
  const byText: Question[] = cases.map((each) => ({
    candidates: allTexts,
    answer: texts.indexOf(answerText(each)),
  }));
  const allPlaces = single(largest(cases.map((each) => each.options.length)));
  const byPlace: Question[] = cases.map(({ answer }) => ({ candidates: allPlaces, answer }));

  const readers = Object.fromEntries(readerNames.map((name) => [name, empty(count)])) as Record<
    ReaderName,
    ReaderOutput
  >;
  const pointed: (boolean | null)[] = new Array(count).fill(null);
  const pointedByDonor: (boolean | null)[] = new Array(count).fill(null);

  let done = 0;
  const stages = 2 + readerNames.length + earlier.filter((each) => each).length;
  const pause = async (): Promise<void> => {
    onProgress?.({ label: "train readers", done: ++done, total: stages * folds, unit: "readers" });
    // Signals and the progress display get their turn.
    await new Promise<void>((resume) => setImmediate(resume));
    signal?.throwIfAborted();
  };

  for (let f = 0; f < folds; f++) {
    const rows = random(seed, "order", f).shuffled([...cases.keys()]);
    const test = rows.filter((row) => fold[row] === f);
    const train = rows.filter((row) => fold[row] !== f);

    const guess = async (blind: boolean, at = cases, views = scenes): Promise<(CandidatePlace | null)[]> => {
      const half = train.length >> 1;
      const parts = [train.slice(0, half), train.slice(half)] as const;
      const places = new Array<CandidatePlace | null>(count).fill(null);
      const point = (pointer: Pointer | null, read: readonly number[]): void => {
        if (pointer) for (const row of read) places[row] = pointer(row);
      };
      point(trainPointer(at, views, parts[0], blind, seed), parts[1]);
      point(trainPointer(at, views, parts[1], blind, seed), parts[0]);
      await pause();
      point(trainPointer(at, views, train, blind, seed), test);
      return places;
    };
    const places = await guess(false);
    const blind = encoder.words.count > 0 ? await guess(true) : places;
    for (const row of test) {
      pointed[row] = hits(cases[row]!, places[row]!);
      pointedByDonor[row] = hits(cases[row]!, placeOf(cases[donor[row]!]!));
    }
    const earlierPlaces: ((CandidatePlace | null)[] | null)[] = [];
    for (const each of earlier) earlierPlaces.push(each && (await guess(false, each.at, each.scenes)));
    const guessing = (from: (CandidatePlace | null)[]) => (row: number) => {
      const shown = guessed(cases[row]!, from[row]!, cases[donor[row]!]!);
      const before = shown.before.map((other, k) => {
        const at = earlier[k]?.at;
        return at ? guessed(at[row]!, earlierPlaces[k]![row]!, at[donor[row]!]!).last : other;
      });
      return { ...shown, before };
    };

    const read = async (
      name: ReaderName,
      features: Features,
      questions: readonly Question[],
      size: number,
    ): Promise<void> => {
      const choose = trainChoice(features, questions, train, size);
      for (const row of test) {
        const p = choose(row);
        const { answer } = questions[row]!;
        readers[name].probability[row] = answer < 0 ? 0 : p[answer]!;
        readers[name].right[row] = best(p) === answer;
      }
      await pause();
    };
    await read("with", fixed.with, among, tokens.count);
    const without = encoder.encode(everything, guessing(places));
    await read("without", without, among, tokens.count);
    await read("text", fixed.text, among, tokens.count);
    await read("image", encoder.encode(["images", "helper", "place"], guessing(blind)), among, tokens.count);
    await read("helper", fixed.helper, byText, texts.length);
    await read("helperPlace", fixed.helper, byPlace, allPlaces.length);
    const guessOnly = alone.encode(["helper"], guessing(blind));
    await read("guess", guessOnly, byText, texts.length);
    await read("guessPlace", guessOnly, byPlace, allPlaces.length);
    await read("helperOptions", fixed.helper, among, tokens.count);
  }
  onProgress?.({ label: "train readers", done: stages * folds, total: stages * folds, unit: "readers" });
  return { readers, pointed, pointedByDonor };
}
