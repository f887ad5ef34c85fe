/** Readers of replies by name, and which of them a family's evaluation uses on which benchmark. */

import { lastInBox } from "./boxed.ts";
import { carefulChoice } from "./careful/index.ts";
import { afterHash } from "./coconut.ts";
import { finalAnswer } from "./ilvr.ts";
import { lastTagged, lastTaggedLetter, tetrisAnswer } from "./lantern.ts";
import { countOrLetter } from "./livr.ts";
import { firstLetter } from "./lvr.ts";
import type { ReadAnswer } from "./types.ts";
import { boxedOrTagged, firstTagged, firstTaggedPlain } from "./vlmevalkit.ts";

/** Every reader. A new one is its file and one line here; docs/families.md says what each does. */
export const readers = {
  lantern: lastTagged,
  "lantern-letter": lastTaggedLetter,
  "lantern-tetris": tetrisAnswer,
  lvr: firstLetter,
  mirage: lastInBox,
  ilvr: finalAnswer,
  covt: firstTaggedPlain,
  swimbird: firstTagged,
  vlmevalkit: boxedOrTagged,
  livr: countOrLetter,
  coconut: afterHash,
  careful: carefulChoice,
  // Names of the first version.
  "last-tagged": lastTagged,
  "first-tagged": firstTagged,
  "first-letter": firstLetter,
  "last-boxed": lastInBox,
  "boxed-or-tagged": boxedOrTagged,
  "final-answer": finalAnswer,
} as const satisfies Record<string, ReadAnswer>;

export type ReaderName = keyof typeof readers;

/** Which reader a family's evaluation uses: everywhere, and on benchmarks by the name of their mapping or task. */
export interface AnswerReaders {
  default: ReaderName;
  byBenchmark?: Readonly<Record<string, ReaderName>>;
}

/**
 * What a family says of its readers.
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
 * A family as it reads answers on a benchmark.
 *
 * @param benchmark - Name of a field mapping ("vstar") or of a task ("tetris"); undefined: neither is known.
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
