/** Answers in `\boxed{…}`: mathruler's extraction, and Mirage's move sequences on maps. */
import { type GridMap, movesIn, reachesGoal } from "../../tasks/index.ts";
import { carefulChoice } from "./careful/index.ts";
import { namedOption } from "./named.ts";
import { orNull } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";

/**
 * The content of the last `\boxed{…}` with balanced braces (mathruler's `extract_boxed_content`); null without one.
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
/** Single letters such as "U" and "L" may also be option labels. */
const arePaths = (options: readonly string[]): boolean =>
  options.every(isPath) && options.some((option) => option.length > 1);

/** The content of the last box in the assistant turn. */
const boxOf = (text: string): string | null => lastBoxed(text.split("<|im_start|>assistant").at(-1)!);

/**
 * Mirage (`test.py`, `task.py`): the last `\boxed{…}`. Options that are paths on a map are compared move by move, as
 * in its simulation. It evaluates nothing else; boxes with other options are read by the careful reader.
 *
 * @example
 * lastInBox("so \\boxed{R, D}", ["L,R", "R,D"]); // 1
 */
export const lastInBox: ReadAnswer = (text, options, texts) => {
  const given = boxOf(text);
  if (given === null) return null;
  if (arePaths(options))
    return (
      namedOption(given, options) ?? orNull(options.findIndex((option) => movesIn(option) === movesIn(given)))
    );
  return carefulChoice(given, options, texts) ?? namedOption(given, options);
};

/**
 * VSP, whatever the family (Mirage, `test.py`): the moves in the last `\boxed{…}` are simulated on the map. If they
 * reach the goal, the right option `answer` was given; else another option that equals the moves, or null.
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
  const given = boxOf(text);
  if (given === null) return null;
  if (reachesGoal(map, given)) return answer;
  return orNull(options.findIndex((option, i) => i !== answer && movesIn(option) === movesIn(given)));
}
