/** The frame of tasks that ask which of four pictures is right: splits by hash, balanced answers, shares, wording. */
import { type Random, random } from "../util/index.ts";
import { balancedPositions, bucket, distinct, exampleId, letters, withAnswer, within } from "./draw.ts";
import type { Example, ImageBytes, Share } from "./types.ts";
import { type Wording, wordsFor } from "./wording.ts";

/** What a generator is asked for, after its parameters were filled in. */
export interface SplitRequest<V> {
  split: string;
  count: number;
  seed: number;
  values: V;
  share: Share | undefined;
}

/** What an example shows; each way has the helpers that lead to its option. */
type Shown = Pick<Example, "question" | "images" | "attributes" | "state"> & {
  ways: ImageBytes[][];
  wording: readonly Wording[];
};

interface FourOptions<P, O> {
  task: string;
  /** The stream that draws puzzles, and orders wrong options. */
  r: Random;
  /** Null if the draw failed. */
  draw(): P | null;
  /** What two examples of a split may not share; null if the puzzle belongs to another split. */
  contentOf(puzzle: P): string | null;
  /** The right option and the wrong ones. */
  optionsOf(puzzle: P): { right: O; wrong: readonly O[] };
  shown(puzzle: P, options: readonly O[], answer: number): Shown;
}

/** The examples of a split, numbered and with the right option at balanced positions; of a share only its own. */
export function* fourOptions<P, O>(
  { split, count, seed, values: { plan }, share }: SplitRequest<{ plan: string }>,
  { task, r, draw, contentOf, optionsOf, shown }: FourOptions<P, O>,
): Generator<Example> {
  const position = balancedPositions(random(seed, task, "positions", split), 4);
  let number = -1;
  for (const drawn of distinct(`split ${split} of ${task}`, count, draw, (each) => each && contentOf(each))) {
    const puzzle = drawn!;
    const answer = position();
    const { right, wrong } = optionsOf(puzzle);
    const options = withAnswer(r.shuffled(wrong), right, answer);
    number++;
    if (!within(share, number)) continue;
    const { question, images, ways, attributes, wording, state } = shown(puzzle, options, answer);
    const reasoning = wordsFor(plan, wording, seed, task, split, number);
    yield {
      id: exampleId(split, number),
      question,
      images,
      options: letters,
      answer,
      helpers: ways[answer]!,
      counterfactuals: ways.map((way, i) => (i === answer ? null : way)),
      attributes,
      ...(reasoning && { reasoning }),
      state: state!,
    };
  }
}

/** The split that a content belongs to: one in eight parts is eval, another held-out. */
export const splitOf = (content: string): string => ["eval", "held-out"][bucket(content, 8)] ?? "train";

/** Whether a kind of content is held out: one in four. */
export const isHeldOut = (kind: string): boolean => bucket(kind, 4) === 0;

/** Whether an example whose kind belongs to a split belongs there itself: seen kinds are divided between train and eval. */
export const belongsTo = (split: string, content: string): boolean =>
  split.startsWith("held-out") || (bucket(content, 8) === 0 ? "eval" : "train") === split;
