/** Reading an option out of what a model wrote: the rules of the families' own evaluations. */
import { movesIn, type PlanMap, reachesGoal } from "../tasks/index.ts";

/** Reads an option's index out of a text; null where it names none. */
export type ReadAnswer = (text: string, options: readonly string[]) => number | null;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const or = (index: number): number | null => (index >= 0 ? index : null);

/** A text without special tokens around it. */
const bare = (text: string): string => text.replace(/<\|[^|>]*\|>/g, " ").trim();

/**
 * The option that a whole answer is: its text, or its letter, alone or before its text ("B", "(b)", "B. hat").
 *
 * @example
 * namedOption("B. hat", ["cat", "hat"]); // 1
 */
export const namedOption: ReadAnswer = (answer, options) => {
  const said = bare(answer);
  const text = said.replace(/^\(?(.*?)[).]?$/s, "$1");
  const exact = options.findIndex((option) => same(option, said) || same(option, text));
  if (exact >= 0) return exact;
  const letter = /^\(?([A-Za-z])(?:[).:]|$)/.exec(said)?.[1];
  if (letter === undefined) return null;
  const byName = options.findIndex((option) => same(option, letter));
  if (byName >= 0) return byName;
  // Options that are letters themselves are not counted by letters as well.
  if (options.every((option) => option.length === 1)) return null;
  const place = letter.toLowerCase().charCodeAt(0) - 97;
  return place < options.length ? place : null;
};

/**
 * The last option that stands alone in the text, marks left out.
 *
 * @example
 * lastNamed("first a, then c", ["a", "b", "c"]); // 2
 */
export const lastNamed: ReadAnswer = (text, options) => {
  const words = text.replace(/<[^>]*>/g, " ").split(/[^\p{L}\p{N}]+/u);
  for (const word of words.reverse()) {
    const index = word ? options.findIndex((option) => same(option, word)) : -1;
    if (index >= 0) return index;
  }
  return null;
};

/**
 * LanteRn (`evals/generalization.py` `_extract_answer`, widened from a–d to the options of the example): the last
 * `<answer>…</answer>`, else the last option that stands alone.
 *
 * @example
 * lastTagged("<answer> (b) </answer>", ["a", "b"]); // 1
 */
export const lastTagged: ReadAnswer = (text, options) => {
  const inside = [...text.matchAll(/<answer>\s*(.*?)\s*<\/answer/gs)].at(-1)?.[1];
  if (inside !== undefined) {
    const word = inside.replace(/^\(?(.*?)[).]?$/, "$1");
    const index = options.findIndex((option) => same(option, word));
    if (index >= 0) return index;
  }
  return lastNamed(text, options);
};

/**
 * VLMEvalKit as CoVT and SwimBird use it: the first `<answer>…</answer>`, else the whole reply, as an option's text or
 * letter. Where that names none, their evaluations ask a judge model; the last option that stands alone is taken here.
 *
 * @example
 * firstTagged("<answer>B</answer>", ["cat", "hat"]); // 1
 */
export const firstTagged: ReadAnswer = (text, options) => {
  const inside = /<\s*answer\s*>(.*?)<\s*\/\s*answer\s*>/is.exec(text)?.[1];
  return namedOption(inside ?? text, options) ?? lastNamed(inside ?? text, options);
};

/**
 * LVR (`evaluation.py` `accuracy_reward`): behind the last `<answer>` up to `</answer`, or the whole reply; its first
 * word's first character is the answer. As there, letters count in capitals, unless the options are other letters.
 *
 * @example
 * firstLetter("<answer> B. hat </answer>", ["cat", "hat"]); // 1
 */
export const firstLetter: ReadAnswer = (text, options) => {
  const given = text.split("<answer>").at(-1)!.split("</answer")[0]!.trim();
  const letter = given[0];
  if (letter === undefined) return null;
  const byName = options.indexOf(letter);
  if (byName >= 0 || !/^[A-Z]$/.test(letter)) return or(byName);
  const place = letter.charCodeAt(0) - 65;
  return place < options.length && !options.every((option) => option.length === 1) ? place : null;
};

/**
 * What the last `\boxed{…}` holds, braces balanced (mathruler's `extract_boxed_content`); null without one.
 *
 * @example
 * lastBoxed("so \\boxed{a{b}}"); // "a{b}"
 */
export function lastBoxed(text: string): string | null {
  const start = text.lastIndexOf("\\boxed{");
  if (start < 0) return null;
  let depth = 0;
  for (let i = start + 6; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(start + 7, i);
  }
  return null;
}

const isPath = (option: string): boolean => /^(?:[UDRL]|UP|DOWN|LEFT|RIGHT|[\s,;>→-])+$/i.test(option);

/**
 * Mirage (`test.py`, `task.py`): the last `\boxed{…}`. Options that are paths over a map are compared move by move, as
 * its simulation reads them; it has no other options, so others are named by text or letter.
 *
 * @example
 * lastInBox("so \\boxed{R, D}", ["L,R", "R,D"]); // 1
 */
export const lastInBox: ReadAnswer = (text, options) => {
  const said = lastBoxed(text.split("<|im_start|>assistant").at(-1)!);
  if (said === null) return null;
  const named = namedOption(said, options);
  if (named !== null || !options.every(isPath)) return named;
  return or(options.findIndex((option) => movesIn(option) === movesIn(said)));
};

/**
 * VSP, whatever the family (Mirage, `test.py`): the plan in the last `\boxed{…}` is walked on the map. Where it reaches
 * the goal the right option was said, `answer`; else another option, if the plan is one.
 *
 * @example
 * plannedOption("\\boxed{D, R}", [[1, -1], [0, 2]], ["U", "D,R"], 1); // 1
 */
export function plannedOption(
  text: string,
  map: PlanMap,
  options: readonly string[],
  answer: number,
): number | null {
  const said = lastBoxed(text.split("<|im_start|>assistant").at(-1)!);
  if (said === null) return null;
  if (reachesGoal(map, said)) return answer;
  return or(options.findIndex((option, i) => i !== answer && movesIn(option) === movesIn(said)));
}

/**
 * Monet and SkiLa, whose evaluations ask a judge model: the last `\boxed{…}`, else the last `<answer>…</answer>`, else
 * the last option that stands alone.
 *
 * @example
 * boxedOrTagged("\\boxed{B}", ["cat", "hat"]); // 1
 */
export const boxedOrTagged: ReadAnswer = (text, options) => {
  const said = lastBoxed(text);
  const named = said === null ? null : namedOption(said, options);
  if (named !== null) return named;
  const inside = [...text.matchAll(/<answer>(.*?)<\/answer/gs)].at(-1)?.[1];
  return (inside === undefined ? null : namedOption(inside, options)) ?? lastNamed(text, options);
};

/**
 * ILVR (`eval.py` `extract_final_answer`), over the whole decoded sequence, prompt included: the line behind the first
 * "final answer is:", else behind the first "answer:", else the only yes, no, true, false, a or b in the text; compared
 * as a whole, so that nothing else counts.
 *
 * @example
 * finalAnswer("The final answer is: B", ["cat", "hat"]); // 1
 */
export const finalAnswer: ReadAnswer = (text, options) => {
  for (const pattern of [/final\s*answer\s*(?:is)?\s*[:：]\s*(.+)/i, /answer\s*(?:is)?\s*[:：]\s*(.+)/i]) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return namedOption(found, options);
  }
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const only = words.filter((word) => ["yes", "no", "true", "false", "a", "b"].includes(word));
  return namedOption(only.length === 1 ? only[0]! : text, options);
};
