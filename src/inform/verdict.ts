import { type PairedDifference, share, shareWithin } from "../statistics/index.ts";
import type { InformResult, InformVerdict } from "./schema.ts";
import { CONTAINED_SHARE } from "./transforms.ts";

/** The helper alone gives the answer away when it is this much better than blind, and than a guess from the images, … */
const ABOVE_BLIND = 0.1;
/** … and the reader of everything is at most this much better. */
const NEARLY = 0.1;

/** What the verdict rests on. */
type Evidence = Pick<InformResult, "redundancy" | "information" | "readers"> & {
  /** Accuracy of the reader of everything less that of the better reader of the helper alone, paired. */
  beyondHelper: PairedDifference | null;
  /** Accuracy of the latter less that of the same reader of what is guessed of the helper from the images, paired. */
  beyondGuess: PairedDifference | null;
};

interface HelperJudgment {
  verdict: InformVerdict;
  /** First what decided, then what else a reader should know. */
  reasons: string[];
}

const bits = (value: number): string => `${value.toFixed(2).replace("-", "−")} bits`;

/** The reader that sees helpers alone, in the better of its two forms: naming the answer, or its place. */
export function helperAlone({
  helper,
  helperPlace,
}: Pick<InformResult["readers"], "helper" | "helperPlace">): "helper" | "helperPlace" {
  return helper.accuracy - helper.blind >= helperPlace.accuracy - helperPlace.blind
    ? "helper"
    : "helperPlace";
}

/**
 * The verdict on a dataset's helpers, in this order:
 *
 * - `leaking`: the helper alone gives the answer away, without image, question and options: its reader beats a blind
 *   guess by 10 points (lower limit), and the reader of everything, which learned something of the helper, is not better by
 *   10 points (upper limit). What the same reader gets out of the part of the images that looks like a helper is no leak but
 *   in the input;
 * - `informative`: it tells more than the margin (a tenth of what there is to know) beyond image and question (lower
 *   95 % limit);
 * - `redundant`: nine of ten are contained in the input, as they are or recolored, blurred or turned, and what they add is
 *   below the margin (upper 90 % limit, which is an equivalence test at 5 %), or is not decided while their place is
 *   predictable from image and question;
 * - `insufficient`: else: no reader gets the answer out of them.
 */
export function judgeHelpers({
  redundancy,
  information,
  readers,
  beyondHelper,
  beyondGuess,
}: Evidence): HelperJudgment {
  const alone = readers[helperAlone(readers)];
  const { margin } = information;
  const { transformed } = redundancy;
  const contained =
    redundancy.contained !== null && redundancy.contained + (transformed?.contained ?? 0) >= CONTAINED_SHARE;
  const ends = information.interval?.map((end) => end.toFixed(2).replace("-", "−")).join(", ");
  const told = `knowing the helper lowers the uncertainty about the answer by ${bits(information.bits)}${ends ? ` [${ends}]` : ""} beyond image and question (margin ${bits(margin)})`;
  const found =
    redundancy.contained === null
      ? "no helper could be compared with the input: all are of one colour"
      : `${share(redundancy.contained)} of the helpers are contained in the input (correlation of ${redundancy.threshold} or more)${transformed && transformed.contained > 0 ? `, and ${share(transformed.contained)} are recolored, blurred or turned copies of a place in it` : ""}`;
  const predicted =
    redundancy.pointed === null
      ? null
      : `where in the input they stand is predicted from image and question alone in ${shareWithin(redundancy.pointed, redundancy.pointedInterval)} of the examples, by another example's place in ${share(redundancy.pointedByDonor ?? 0)}`;
  const rest = (...lines: (string | null)[]): string[] => lines.filter((line) => line !== null);

  const [low] = information.interval ?? [Number.NEGATIVE_INFINITY];
  // A reader of everything that learned nothing is no better than the helper alone for want of examples.
  const gives =
    !information.ignored &&
    low > 0 &&
    alone.interval !== null &&
    alone.interval[0] >= alone.blind + ABOVE_BLIND &&
    beyondHelper !== null &&
    beyondHelper.interval[1] <= NEARLY &&
    beyondGuess !== null &&
    beyondGuess.interval[0] >= ABOVE_BLIND;
  if (gives) {
    const line = `the helper alone, without image, question and options, gives ${shareWithin(alone.accuracy, alone.interval)} right answers (blind: ${share(alone.blind)}), and all together ${share(readers.with.accuracy)}`;
    return { verdict: "leaking", reasons: rest(line, told, found) };
  }
  if (low > margin) {
    return { verdict: "informative", reasons: rest(told, found, contained ? predicted : null) };
  }
  // Readers that learned nothing are no evidence that there is nothing to learn.
  const shownSmall =
    !information.ignored && information.interval90 !== null && information.interval90[1] < margin;
  const predictable = redundancy.pointedInterval !== null && redundancy.pointedInterval[0] >= CONTAINED_SHARE;
  if (contained && (shownSmall || predictable)) {
    return { verdict: "redundant", reasons: rest(found, told, predicted) };
  }
  const open = shownSmall
    ? null
    : "this many examples do not show that it is less than the margin either: more of them may decide";
  const known =
    readers.without.accuracy > 0.9
      ? `image and question already give ${share(readers.without.accuracy)} right answers: little is left to tell`
      : null;
  return { verdict: "insufficient", reasons: rest(told, known, open, found, contained ? predicted : null) };
}
