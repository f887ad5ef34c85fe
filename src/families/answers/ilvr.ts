/** ILVR's reader. */
import { withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

const sets = { Yes: ["yes", "true", "a"], No: ["no", "false", "b"] } as const;

/** `normalize_for_match`: "a" becomes "Yes", "b" becomes "No". */
function normalized(answer: string): string {
  const bare = answer.trim();
  const found = Object.entries(sets).find(([, words]) =>
    (words as readonly string[]).includes(bare.toLowerCase()),
  );
  return found?.[0] ?? bare;
}

/** `extract_final_answer`. */
function extracted(text: string): string {
  const given = text.trim();
  for (const pattern of [
    /final\s*answer\s*(?:is)?\s*[:：]\s*([^\n]+)/i,
    /answer\s*(?:is)?\s*[:：]\s*([^\n]+)/i,
  ]) {
    const found = pattern.exec(given)?.[1];
    if (found !== undefined) return found.trim().split(/[\n\r]/)[0]!;
  }
  const words = given.toLowerCase().match(/[a-z]+/g) ?? [];
  const known: readonly string[] = [...sets.Yes, ...sets.No];
  const only = words.filter((word) => known.includes(word));
  return only.length === 1 ? only[0]! : given;
}

/**
 * ILVR (`eval.py` `extract_final_answer`, `normalize_for_match`), over the decoded sequence with the prompt: the rest of
 * the line after the first "final answer is:", else after the first "answer:", else the only yes, no, true, false, a or b
 * in the text, else the full text; compared with letters and texts of options. Special tokens are removed first: the
 * released code keeps them, so that "Final answer: B<|im_end|>" matches nothing.
 */
export const finalAnswer: ReadAnswer = (text, options, texts = []) => {
  const given = normalized(extracted(withoutSpecial(text)));
  for (const golds of [options, texts]) {
    const index = golds.findIndex((gold) => normalized(gold) === given);
    if (index >= 0) return index;
  }
  return null;
};
