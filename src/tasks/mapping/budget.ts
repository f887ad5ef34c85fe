/** What a mapping may ask of one record. */
import { LintelError, TimeBudgetError, withinTime } from "../../util/index.ts";

/** Characters of a question, of a record's options in one text, of a hint: more than any model reads. */
const longestText = 1 << 20;
/** Options, images, boxes, steps or edits of one record. */
const mostItems = 1000;
/** Milliseconds for a regular expression of a mapping on one text. */
const patternTime = 1000;

/**
 * A text that a record may hold.
 *
 * Errors: "dataset" beyond 1 Mi characters.
 *
 * @example
 * shortText("Which?", "question", "a.jsonl: example 1"); // "Which?"
 */
export function shortText(text: string, what: string, where: string): string {
  if (text.length <= longestText) return text;
  throw new LintelError("dataset", {
    where,
    expected: `${what} of at most ${longestText} characters`,
    got: `${text.length} characters`,
  });
}

/**
 * A list of a record's parts.
 *
 * Errors: "dataset" beyond 1,000.
 *
 * @example
 * fewItems(["red", "blue"], "options", "a.jsonl: example 1").length; // 2
 */
export function fewItems<T extends { length: number }>(items: T, what: string, where: string): T {
  if (items.length <= mostItems) return items;
  throw new LintelError("dataset", {
    where,
    expected: `at most ${mostItems} ${what}`,
    got: `${items.length}`,
  });
}

/**
 * What a regular expression of a mapping finds, or makes of a text, within a second.
 *
 * Errors: "dataset" where it takes longer or makes a text beyond what a string can be.
 *
 * @example
 * byPattern("a+", "a.jsonl: example 1", () => "aab".replace(/a+/g, "")); // "b"
 */
export function byPattern<T>(pattern: string, where: string, work: () => T): T {
  try {
    return withinTime(patternTime, work);
  } catch (cause) {
    if (!(cause instanceof TimeBudgetError) && !(cause instanceof RangeError)) throw cause;
    throw new LintelError("dataset", {
      where,
      expected: `the pattern ${pattern.slice(0, 80)} of the mapping to end within ${patternTime / 1000} s`,
      got: cause.message,
      attempt: "a pattern without repetitions within repetitions",
      cause,
    });
  }
}
