/** Answers in `\boxed{…}`: mathruler's extraction, and Mirage's plans over maps. */
import { type GridMap, movesIn, reachesGoal } from "../../tasks/index.ts";
import { carefulChoice } from "./careful/index.ts";
import { namedOption } from "./named.ts";
import { orNull } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

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
    else if (text[i] === "}" && --depth === 0) return text.slice(start + 7, i).trim();
  }
  return null;
}

const isPath = (option: string): boolean => /^(?:[UDRL]|UP|DOWN|LEFT|RIGHT|[\s,;>→-])+$/i.test(option);
/** "U", "L" and the like are letters of a list too. */
const arePaths = (options: readonly string[]): boolean =>
  options.every(isPath) && options.some((option) => option.length > 1);

/** What the reply's own turn has in its last box. */
const boxOf = (text: string): string | null => lastBoxed(text.split("<|im_start|>assistant").at(-1)!);

/**
 * Mirage (`test.py`, `task.py`): the last `\boxed{…}`. Options that are paths over a map are compared move by move, as
 * its simulation reads them. It evaluates nothing else; what a box says of other options is read as a person would.
 *
 * @example
 * lastInBox("so \\boxed{R, D}", ["L,R", "R,D"]); // 1
 */
export const lastInBox: ReadAnswer = (text, options, texts) => {
  const said = boxOf(text);
  if (said === null) return null;
  if (arePaths(options))
    return (
      namedOption(said, options) ?? orNull(options.findIndex((option) => movesIn(option) === movesIn(said)))
    );
  return carefulChoice(said, options, texts) ?? namedOption(said, options);
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
  map: GridMap,
  options: readonly string[],
  answer: number,
): number | null {
  const said = boxOf(text);
  if (said === null) return null;
  if (reachesGoal(map, said)) return answer;
  return orNull(options.findIndex((option, i) => i !== answer && movesIn(option) === movesIn(said)));
}
