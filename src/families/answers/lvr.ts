/** LVR's reader. */
import { orNull, same } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * LVR (`evaluation/evaluation.py` `accuracy_reward`): the text after the last `<answer>` up to `</answer`, or the full
 * reply; its first character is the answer, including the "A" of "Answer: B". Only capital letters count, unless the options
 * are other letters. Options of several characters, which it never has, are read by their text.
 *
 * @example
 * firstLetter("<answer> B. hat </answer>", ["A", "B"]); // 1
 */
export const firstLetter: ReadAnswer = (text, options) => {
  const given = text.split("<answer>").at(-1)!.split("</answer")[0]!.trim();
  const letter = given[0];
  if (letter === undefined) return null;
  const byName = options.indexOf(letter);
  if (byName >= 0 || options.every((option) => option.length === 1)) return orNull(byName);
  const byText = options.findIndex((option) => same(option, given.replace(/\.$/, "")));
  if (byText >= 0 || !/^[A-Z](?![A-Za-z])/.test(given)) return orNull(byText);
  const place = letter.charCodeAt(0) - 65;
  return place < options.length ? place : null;
};
