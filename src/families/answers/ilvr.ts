/** ILVR's reader. */
import { withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

const sets = { Yes: ["yes", "true", "a"], No: ["no", "false", "b"] } as const;

/** `normalize_for_match`: "a" is "Yes" there, and "b" is "No". */
function normalized(answer: string): string {
  const bare = answer.trim();
  const found = Object.entries(sets).find(([, words]) =>
    (words as readonly string[]).includes(bare.toLowerCase()),
  );
  return found?.[0] ?? bare;
}

/** `extract_final_answer`. */
function extracted(text: string): string {
  const said = text.trim();
  for (const pattern of [
    /final\s*answer\s*(?:is)?\s*[:：]\s*([^\n]+)/i,
    /answer\s*(?:is)?\s*[:：]\s*([^\n]+)/i,
  ]) {
    const found = pattern.exec(said)?.[1];
    if (found !== undefined) return found.trim().split(/[\n\r]/)[0]!;
  }
  const words = said.toLowerCase().match(/[a-z]+/g) ?? [];
  const known: readonly string[] = [...sets.Yes, ...sets.No];
  const only = words.filter((word) => known.includes(word));
  return only.length === 1 ? only[0]! : said;
}

/**
 * ILVR (`eval.py` `extract_final_answer`, `normalize_for_match`), over the whole decoded sequence, prompt included: the
 * line behind the first "final answer is:", else behind the first "answer:", else the only yes, no, true, false, a or b
 * in the text, else all of it; right where it equals the answer, a letter or a text. Special tokens are taken off first:
 * as released, the code keeps them, so that "Final answer: B<|im_end|>" equals nothing.
 */
export const finalAnswer: ReadAnswer = (text, options, texts = []) => {
  const said = normalized(extracted(withoutSpecial(text)));
  for (const golds of [options, texts]) {
    const index = golds.findIndex((gold) => normalized(gold) === said);
    if (index >= 0) return index;
  }
  return null;
};
