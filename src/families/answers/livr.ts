/** The readers of LIVR's reproduction: multiple choice, and counts. */
import { tetrisAnswer } from "./lantern.ts";
import { areLetters } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** `normalize_mcq_prediction`: the reply equal to a letter or its alias, else the first of A to D that occurs anywhere. */
function normalizedChoice(text: string): string {
  const given = text.trim().toUpperCase();
  const alias = /^(?:\(([A-D])\)|(?:BOX|POINT|OPTION) ([A-D]))$/.exec(given);
  if (alias) return (alias[1] ?? alias[2])!;
  return (
    ["A", "B", "C", "D"].find((letter) => given === letter) ??
    ["A", "B", "C", "D"].find((letter) => given.includes(letter)) ??
    given
  );
}

/** `normalize_count_prediction`: the first number in digits, else the first of zero to ten that occurs as a word. */
function normalizedCount(text: string): string {
  const digits = /\p{Nd}+/u.exec(text)?.[0];
  if (digits !== undefined) return String(Number(digits));
  const word = NUMBERS.findIndex((each) =>
    new RegExp(`(?<![\\p{L}\\p{N}_])${each}(?![\\p{L}\\p{N}_])`, "iu").test(text),
  );
  return word >= 0 ? String(word) : text.trim();
}

/**
 * LIVR's reproduction (`livr/utils.py`, `livr/eval.py`): up to `<|im_end|>`, letters by `normalize_mcq_prediction`, so
 * that "The answer is B" is A for the "A" of "answer", and numbers by `normalize_count_prediction`. It evaluates letters A to D and
 * counts; other options are read like LanteRn on Tetris. Its models write no tags; models trained by Lintel do, and their
 * content is read.
 */
export const countOrLetter: ReadAnswer = (text, options, texts) => {
  const inside = /<answer>([\s\S]*?)(?:<\/answer|$)/.exec(text)?.[1];
  const given = (inside ?? text).split("<|im_end|>")[0]!.trim();
  const equal = (answer: string): number | null => {
    const index = options.indexOf(answer);
    if (index >= 0) return index;
    const byText = texts?.indexOf(answer) ?? -1;
    return byText >= 0 ? byText : null;
  };
  if (areLetters(options)) return equal(normalizedChoice(given));
  if (options.every((option) => /^\d+$/.test(option))) return equal(normalizedCount(given));
  return tetrisAnswer(text, options);
};
