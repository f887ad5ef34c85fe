/** ReaLVR's reader. */
import { namedOption } from "./named.ts";
import { NOT_AFTER_WORD, NOT_BEFORE_WORD, orNull, same } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

const ISOLATED = new RegExp(`${NOT_AFTER_WORD}([A-Da-d])${NOT_BEFORE_WORD}`, "u");
const plain = (text: string): string => text.trim().toLowerCase().replace(/\.+$/, "");

/** The only option whose text is in the words, or has them in it. */
function matching(words: string, texts: readonly string[]): number | null {
  const content = plain(words);
  if (content === "") return null;
  const hits = texts.flatMap((text, i) => {
    const option = plain(text);
    return content.includes(option) || option.includes(content) ? [i] : [];
  });
  return hits.length === 1 ? hits[0]! : null;
}

/** A letter in parentheses, else an isolated letter A to D, else the first character. */
const letterOf = (text: string): string =>
  (/\(([a-zA-Z])\)/.exec(text) ?? ISOLATED.exec(text))?.[1] ?? text.slice(0, 1);

/**
 * ReaLVR (`eval/evaluate.py` `extract_answer`): the first `<answer>`, in which words name the only option with such a text,
 * else a letter counts; without a tag the first letter behind "answer", "option" or "choice", else by itself. Options that
 * are words are read by their text.
 *
 * @example
 * firstTagOrLetter("<answer>the hat</answer>", ["A", "B"], ["a coat", "the hat"]); // 1
 */
export const firstTagOrLetter: ReadAnswer = (text, options, texts) => {
  const tagged = /<answer>\s*([^<\n\r]+)/i.exec(text)?.[1]?.trim();
  if (!options.every((option) => /^[a-z]$/i.test(option))) return namedOption(tagged ?? text, options, texts);
  const isLetter = (letter: string | undefined): number | null =>
    letter === undefined ? null : orNull(options.findIndex((option) => same(option, letter)));
  if (tagged === undefined) {
    const named = /(?:answer|option|choice)\s*[:：]?\s*\(?([A-Da-d])\)?/i.exec(text);
    return isLetter((named ?? ISOLATED.exec(text))?.[1]);
  }
  if (tagged.replace(/[^A-Za-z0-9]/g, "").length > 1 && !/^\(?[A-Da-d]\)?[.\s]*$/.test(tagged)) {
    const whole = /<answer>\s*(.*?)\s*<\/answer>/is.exec(text)?.[1] ?? tagged;
    const found = matching(whole, texts ?? []);
    if (found !== null) return found;
  }
  return isLetter(letterOf(tagged));
};
