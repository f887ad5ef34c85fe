/** IVT-LR's reader. */
import { namedOption } from "./named.ts";
import { areLetters, same, withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * IVT-LR (`qwen_vl/infer.py`): every letter behind "the answer is" or "Answer:" in prompt and reply together, where the prompt's
 * last word is "Answer:", so that the reply's first letter counts as well. Its evaluation calls a reply right that names the right
 * option anywhere so; here the last option that is named is the choice. Options that are words are read by their text.
 *
 * @example
 * lastOfAnswers("Therefore, the answer is B", ["A", "B", "C", "D"]); // 1
 */
export const lastOfAnswers: ReadAnswer = (text, options, texts) => {
  if (!areLetters(options))
    return namedOption(/.*the answer is(.*)/is.exec(text)?.[1] ?? text, options, texts);
  const whole = `Answer:\n${withoutSpecial(text)}`.replace(/(?<=answer:)\s*(\n+\s*)?assistant\b/gi, "");
  const letters = [...whole.matchAll(/(?:the\s+answer\s+is|Answer:)\s*([A-Z])/gi)].map(
    ([, letter]) => letter!,
  );
  const named = letters.map((letter) => options.findIndex((option) => same(option, letter)));
  return named.filter((index) => index >= 0).at(-1) ?? null;
};
