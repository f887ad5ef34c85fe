/** WM-VLM's reader. */
import { lastTagged } from "./lantern.ts";
import { NOT_AFTER_WORD, NOT_BEFORE_WORD, orNull, same, withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/** Ways to name a letter, each more lenient than the one before. */
const forms = (any: string): RegExp[] => [
  new RegExp(`<answer>\\s*([${any}])\\s*</answer>`, "giu"),
  new RegExp(`(?:final\\s+answer|answer)\\s*(?:is|:)?\\s*(?:option\\s*)?\\(?([${any}])\\)?`, "giu"),
  new RegExp(`option\\s*\\(([${any}])\\)`, "giu"),
  new RegExp(`${NOT_AFTER_WORD}([${any}])${NOT_BEFORE_WORD}`, "giu"),
];

/**
 * WM-VLM (`extract_answer` of scripts/eval/evaluate_wm_vlm_tetris.py, widened from a–d to the options of the example): the last
 * letter in tags, else behind "answer", else in "option (x)", else by itself. Text ends with its first `</answer>`, as the
 * family's does. Options that are words are read in tags.
 *
 * @example
 * lastNamedLetter("The answer is (b), not (c).", ["A", "B", "C"]); // 1
 */
export const lastNamedLetter: ReadAnswer = (text, options, texts) => {
  if (!options.every((option) => /^[a-z]$/i.test(option))) return lastTagged(text, options, texts);
  const end = text.indexOf("</answer>");
  const said = withoutSpecial(end < 0 ? text : text.slice(0, end + "</answer>".length));
  for (const form of forms(options.join(""))) {
    const last = [...said.matchAll(form)].at(-1)?.[1];
    if (last !== undefined) return orNull(options.findIndex((option) => same(option, last)));
  }
  return null;
};
