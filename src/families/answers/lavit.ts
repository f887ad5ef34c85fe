/** LaViT's reader. */
import { namedOption } from "./named.ts";
import { NOT_AFTER_WORD, NOT_BEFORE_WORD, orNull, same } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/** Ways to name a letter; of the first that occurs, its last counts. */
const FORMS = [
  /\(([a-h])\)/gi,
  ...[
    "answer\\s*:?\\s*",
    "choice\\s*:?\\s*",
    "conclusion\\s*:?\\s*",
    "final\\s+answer\\s*:?\\s*",
    "therefore.*?\\bis\\s+",
    "the\\s+correct\\s+answer\\s+is\\s+",
  ].map((before) => new RegExp(`${before}([a-h])${NOT_BEFORE_WORD}`, "gisu")),
  /([a-h])\s+is\s+the\s+correct\s+answer/gis,
];
const ISOLATED = new RegExp(`${NOT_AFTER_WORD}([A-Ha-h])${NOT_BEFORE_WORD}`, "gu");

/**
 * LaViT (`evaluation/utils/answer_checker.py` `extract_answer_letter`): the last letter A to H in parentheses; else behind
 * "answer", "choice", "conclusion" or the like; else the last by itself, the small "a" only where nothing else is; else, in
 * fewer than ten characters, the first. Options that are words are read by their text.
 *
 * @example
 * lettersAToH("<lvr1> (B)<|im_end|>", ["A", "B", "C"]); // 1
 */
export const lettersAToH: ReadAnswer = (text, options, texts) => {
  const said = text.replace(/<\|im_end\|>\n?$/, "").trim();
  if (!options.every((option) => /^[a-z]$/i.test(option)))
    return namedOption(said.split("<answer>").at(-1)!.split("</answer")[0]!, options, texts);
  const lastOf = (form: RegExp): string | undefined => [...said.matchAll(form)].at(-1)?.[1];
  const named = FORMS.map(lastOf).find((letter) => letter !== undefined);
  const isolated = [...said.matchAll(ISOLATED)].map(([, letter]) => letter!);
  const alone = isolated.findLast((letter) => letter !== "a") ?? isolated.at(-1);
  const letter = named ?? alone ?? (said.length < 10 ? /[A-H]/i.exec(said)?.[0] : undefined);
  return letter === undefined ? null : orNull(options.findIndex((option) => same(option, letter)));
};
