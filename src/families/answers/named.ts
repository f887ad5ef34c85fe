/** Options by text or letter: for options that are words, which no published evaluation covers. */
import { same } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/** A text without special tokens around it. */
const bare = (text: string): string => text.replace(/<\|[^|>]*\|>/g, " ").trim();

/**
 * The option that equals the answer: by its text, or by its letter, alone or before the text ("B", "(b)", "B. hat").
 *
 * @example
 * namedOption("B. hat", ["cat", "hat"]); // 1
 */
export const namedOption: ReadAnswer = (answer, options) => {
  const given = bare(answer);
  const text = given.replace(/^\(?(.*?)[).]?$/s, "$1");
  const exact = options.findIndex((option) => same(option, given) || same(option, text));
  if (exact >= 0) return exact;
  const letter = /^\(?([A-Za-z])(?:[).:]|$)/.exec(given)?.[1];
  if (letter === undefined) return null;
  const byName = options.findIndex((option) => same(option, letter));
  if (byName >= 0) return byName;
  // options that are letters themselves are not numbered by letters
  if (options.every((option) => option.length === 1)) return null;
  const place = letter.toLowerCase().charCodeAt(0) - 97;
  return place < options.length ? place : null;
};

/**
 * The last option that occurs as a separate word in the text, markup ignored.
 *
 * @example
 * lastNamed("first a, then c", ["a", "b", "c"]); // 2
 */
export const lastNamed: ReadAnswer = (text, options) => {
  const words = text.replace(/<[^>]*>/g, " ").split(/[^\p{L}\p{N}]+/u);
  for (const word of words.reverse()) {
    const index = word ? options.findIndex((option) => same(option, word)) : -1;
    if (index >= 0) return index;
  }
  return null;
};
