import { unknownName } from "../util/index.ts";
import { crop, cropMasked } from "./crop/index.ts";
import { hidden } from "./hidden/index.ts";
import { jigsaw } from "./jigsaw/index.ts";
import { maze } from "./maze/index.ts";
import { paperfold } from "./paperfold/index.ts";
import { sliding } from "./sliding/index.ts";
import { tetris } from "./tetris/index.ts";
import { tetris3d } from "./tetris3d/index.ts";
import type { Task } from "./types.ts";

/**
 * Every task by name. A new task is a folder and a line here.
 *
 * @public
 */
export const tasks = {
  tetris,
  crop,
  "crop-masked": cropMasked,
  maze,
  sliding,
  hidden,
  tetris3d,
  paperfold,
  jigsaw,
} as const satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;

/**
 * The task of this name. Throws `LintelError` "usage" with the nearest names for an unknown one.
 *
 * @example
 * taskNamed("tetris").title; // "Rotation of polyominoes"
 */
export function taskNamed(name: string): Task {
  if (!Object.hasOwn(tasks, name)) throw unknownName("task", name, Object.keys(tasks));
  return tasks[name as TaskName];
}
