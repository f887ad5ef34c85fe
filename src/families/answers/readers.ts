/** Answer readers by name, and the choice of a reader by family and benchmark. */

import { unknownName } from "../../util/index.ts";
import { lastInBox } from "./boxed.ts";
import { carefulChoice } from "./careful/index.ts";
import { afterHash } from "./coconut.ts";
import { finalAnswer } from "./ilvr.ts";
import { lastOfAnswers } from "./ivt-lr.ts";
import { lastTagged, lastTaggedLetter, tetrisAnswer } from "./lantern.ts";
import { lastLetter } from "./laser.ts";
import { lettersAToH } from "./lavit.ts";
import { countOrLetter } from "./livr.ts";
import { firstLetter } from "./lvr.ts";
import { firstTagOrLetter } from "./realvr.ts";
import type { ReadAnswer } from "./types.ts";
import { boxedOrTagged, firstTagged, firstTaggedPlain } from "./vlmevalkit.ts";
import { lastNamedLetter } from "./wm-vlm.ts";

/** All readers, described in docs/families.md. To add one, create its file and a line here. */
export const readers = {
  lantern: lastTagged,
  "lantern-letter": lastTaggedLetter,
  "lantern-tetris": tetrisAnswer,
  lvr: firstLetter,
  laser: lastLetter,
  realvr: firstTagOrLetter,
  lavit: lettersAToH,
  mirage: lastInBox,
  ilvr: finalAnswer,
  covt: firstTaggedPlain,
  swimbird: firstTagged,
  vlmevalkit: boxedOrTagged,
  livr: countOrLetter,
  coconut: afterHash,
  "ivt-lr": lastOfAnswers,
  "wm-vlm": lastNamedLetter,
  careful: carefulChoice,
  // former names
  "last-tagged": lastTagged,
  "first-tagged": firstTagged,
  "first-letter": firstLetter,
  "last-boxed": lastInBox,
  "boxed-or-tagged": boxedOrTagged,
  "final-answer": finalAnswer,
} as const satisfies Record<string, ReadAnswer>;

export type ReaderName = keyof typeof readers;

/** The reader of a family's evaluation: the default, and by benchmark (name of its mapping or task). */
export interface AnswerReaders {
  default: ReaderName;
  byBenchmark?: Readonly<Record<string, ReaderName>>;
}

/**
 * The reader fields of a family.
 *
 * @example
 * answersBy("lantern", { vstar: "lantern-letter" }).answers.byBenchmark.vstar; // "lantern-letter"
 */
export const answersBy = (
  name: ReaderName,
  byBenchmark?: Readonly<Record<string, ReaderName>>,
): { answers: AnswerReaders; readAnswer: ReadAnswer } => ({
  answers: { default: name, ...(byBenchmark && { byBenchmark }) },
  readAnswer: readers[name],
});

/**
 * The family with the reader of a benchmark.
 *
 * @param benchmark - Name of a field mapping ("vstar") or of a task ("tetris"); undefined if unknown.
 */
export function familyOnBenchmark<F extends { answers: AnswerReaders; readAnswer: ReadAnswer }>(
  family: F,
  benchmark: string | undefined,
): F {
  const { byBenchmark = {} } = family.answers;
  if (benchmark === undefined || !Object.hasOwn(byBenchmark, benchmark)) return family;
  const name = byBenchmark[benchmark]!;
  return { ...family, readAnswer: readers[name], answers: { ...family.answers, default: name } };
}

/**
 * A reader by its name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * readerNamed("careful")("The answer is b.", ["a", "b"]); // 1
 */
export function readerNamed(name: string): ReadAnswer {
  if (Object.hasOwn(readers, name)) return readers[name as ReaderName];
  throw unknownName("answer reader", name, Object.keys(readers), { note: "docs/families.md describes them" });
}
