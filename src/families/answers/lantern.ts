/** LanteRn's two readers, for multiple-choice benchmarks and for Tetris. */
import { lastNamed } from "./named.ts";
import { areLetters, escaped, NOT_AFTER_WORD, NOT_BEFORE_WORD, orNull, same } from "./shared.ts";
import { similarity } from "./similarity.ts";
import type { ReadAnswer } from "./types.ts";

const loneLetter = new RegExp(`${NOT_AFTER_WORD}[A-Za-z]${NOT_BEFORE_WORD}`, "u");

/** The text after the last `<answer>`, or the full reply. */
const givenIn = (reply: string): string => reply.split("<answer>").at(-1)!.split("</answer")[0]!.trim();

/**
 * The letter that `extract_mc_answer` (LanteRn `src/utils.py`, 65f64b2) finds: the first separate letter
 * after the last `<answer>`; else the letter of the text with a similarity over 90 %; else null.
 */
export function extractedLetter(reply: string, texts: readonly string[] = []): string | null {
  const given = givenIn(reply);
  const letter = loneLetter.exec(given)?.[0];
  if (letter !== undefined) return letter;
  const likeness = texts.map((text) => similarity(given.toLowerCase(), text.toLowerCase()));
  const most = Math.max(...likeness);
  return most > 90 ? String.fromCharCode(65 + likeness.indexOf(most)) : null;
}

/**
 * LanteRn on Tetris (`evals/generalization.py` `_extract_answer`, widened from a–d to the options of the example): the
 * first `<answer>` that holds only an option, else the last option that occurs as a word in the reply, including the
 * article "a".
 *
 * @example
 * tetrisAnswer("<answer> b </answer>", ["a", "b"]); // 1
 */
export const tetrisAnswer: ReadAnswer = (text, options) => {
  const any = [...options]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join("|");
  const indexOf = (found: string): number | null =>
    orNull(options.findIndex((option) => same(option, found)));
  const inside = new RegExp(`<answer>\\s*(${any})\\s*</answer>`, "iu").exec(text)?.[1];
  if (inside !== undefined) return indexOf(inside);
  if (options.some((option) => option.length > 1)) return lastTaggedWord(text, options);
  const last = [...text.matchAll(new RegExp(`${NOT_AFTER_WORD}(?:${any})${NOT_BEFORE_WORD}`, "giu"))].at(-1);
  return last ? indexOf(last[0]) : null;
};

/** Options that are words: the one in the last tag, without brackets and full stop, else the last one in the text. */
function lastTaggedWord(text: string, options: readonly string[]): number | null {
  const inside = [...text.matchAll(/<answer>\s*(.*?)\s*<\/answer/gs)].at(-1)?.[1];
  const word = inside?.replace(/^\(?(.*?)[).]?$/, "$1");
  const index = word === undefined ? -1 : options.findIndex((option) => same(option, word));
  return index >= 0 ? index : lastNamed(text, options);
}

/**
 * LanteRn on benchmarks whose options are listed with letters (VisCoT, BLINK): `extract_mc_answer`, compared
 * with capital letters as there, so that the article "a" is no option. A lowercase letter that is the full answer counts,
 * although LanteRn's comparison rejects it. Other options are read as on Tetris.
 */
export const lastTagged: ReadAnswer = (text, options, texts) => {
  if (!areLetters(options)) return tetrisAnswer(text, options);
  const letter = extractedLetter(text, texts);
  if (letter === null) return null;
  const alone = /^\(?[a-z][).]?$/.test(givenIn(text));
  return orNull(options.indexOf(alone ? letter.toUpperCase() : letter));
};

/**
 * LanteRn on V*, where its evaluation passes no option texts to `extract_mc_answer`.
 *
 * @example
 * lastTaggedLetter("the dog", ["A", "B"], ["a cat", "the dog"]); // null
 */
export const lastTaggedLetter: ReadAnswer = (text, options) => lastTagged(text, options);
