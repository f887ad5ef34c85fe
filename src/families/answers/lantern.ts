/** LanteRn's two readers: one of its multiple-choice benchmarks, another of Tetris. */
import { lastNamed } from "./named.ts";
import { areLetters, escaped, NOT_AFTER_WORD, NOT_BEFORE_WORD, orNull, same } from "./shared.ts";
import { similarity } from "./similarity.ts";
import type { ReadAnswer } from "./types.ts";

const loneLetter = new RegExp(`${NOT_AFTER_WORD}[A-Za-z]${NOT_BEFORE_WORD}`, "u");

/** What stands behind the last `<answer>`, or the whole reply. */
const givenIn = (reply: string): string => reply.split("<answer>").at(-1)!.split("</answer")[0]!.trim();

/**
 * The letter that `extract_mc_answer` (LanteRn `src/utils.py`, 65f64b2) finds: the first letter that stands alone
 * behind the last `<answer>`; else that of the text which is more than 90 % like the answer. null where it finds none.
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
 * first `<answer>` that holds an option and nothing else, else the last option that stands alone in the reply, an
 * article "a" among them.
 *
 * @example
 * tetrisAnswer("<answer> b </answer>", ["a", "b"]); // 1
 */
export const tetrisAnswer: ReadAnswer = (text, options) => {
  const any = [...options]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join("|");
  const indexOf = (said: string): number | null => orNull(options.findIndex((option) => same(option, said)));
  const inside = new RegExp(`<answer>\\s*(${any})\\s*</answer>`, "iu").exec(text)?.[1];
  if (inside !== undefined) return indexOf(inside);
  if (options.some((option) => option.length > 1)) return lastTaggedWord(text, options);
  const last = [...text.matchAll(new RegExp(`${NOT_AFTER_WORD}(?:${any})${NOT_BEFORE_WORD}`, "giu"))].at(-1);
  return last ? indexOf(last[0]) : null;
};

/** Options that are words: the last tag's, brackets and a full stop aside, else the last one that stands alone. */
function lastTaggedWord(text: string, options: readonly string[]): number | null {
  const inside = [...text.matchAll(/<answer>\s*(.*?)\s*<\/answer/gs)].at(-1)?.[1];
  const word = inside?.replace(/^\(?(.*?)[).]?$/, "$1");
  const index = word === undefined ? -1 : options.findIndex((option) => same(option, word));
  return index >= 0 ? index : lastNamed(text, options);
}

/**
 * LanteRn on benchmarks whose options are listed with letters (VisCoT, BLINK): `extract_mc_answer`, compared in
 * capitals with the right letter as there, so that an article "a" is no option. A small letter that is the whole answer
 * counts here, although LanteRn's own comparison rejects it. Options in another form are read as on Tetris.
 */
export const lastTagged: ReadAnswer = (text, options, texts) => {
  if (!areLetters(options)) return tetrisAnswer(text, options);
  const letter = extractedLetter(text, texts);
  if (letter === null) return null;
  const alone = /^\(?[a-z][).]?$/.test(givenIn(text));
  return orNull(options.indexOf(alone ? letter.toUpperCase() : letter));
};

/**
 * LanteRn on V*, where its evaluation gives `extract_mc_answer` no texts to compare with.
 *
 * @example
 * lastTaggedLetter("the dog", ["A", "B"], ["a cat", "the dog"]); // null
 */
export const lastTaggedLetter: ReadAnswer = (text, options) => lastTagged(text, options);
