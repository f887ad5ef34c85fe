/** Laser's reader. */
import { namedOption } from "./named.ts";
import { orNull, same } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * Laser (`evaluation/bench_func.py` `accuracy_reward`): of the text after the last `<answer>` up to `</answer`, or of the full
 * reply, the last of its ten last words with an isolated letter A to D, in it the first; else the first letter or digit.
 * Options that are words are read by their text.
 *
 * @example
 * lastLetter("<answer> not A but (B) </answer>", ["A", "B", "C", "D"]); // 1
 */
export const lastLetter: ReadAnswer = (text, options, texts) => {
  const given = text.split("<answer>").at(-1)!.split("</answer")[0]!.trim();
  if (!options.every((option) => /^[a-z]$/i.test(option))) return namedOption(given, options, texts);
  const letters = given
    .split(/\s+/)
    .slice(-10)
    .flatMap((word) => /(?<![a-zA-Z])[A-Da-d](?![a-zA-Z])/.exec(word)?.[0] ?? []);
  const letter = letters.at(-1) ?? /[a-zA-Z0-9]/.exec(given)?.[0];
  return letter === undefined ? null : orNull(options.findIndex((option) => same(option, letter)));
};
