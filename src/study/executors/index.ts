import { unknownName } from "../../util/index.ts";
import { runLocal } from "./local.ts";
import { runSlurm } from "./slurm.ts";
import type { Executor } from "./types.ts";

/** Every way to run the cells of a study. A new one is a file and a line here. */
export const executors = {
  local: runLocal,
  slurm: runSlurm,
} as const satisfies Record<string, Executor>;

type ExecutorName = keyof typeof executors;

/**
 * The executor of a name. Throws `LintelError` "usage" with the nearest names for an unknown one.
 *
 * @example
 * executorNamed("local") === executors.local; // true
 */
export function executorNamed(name: string): Executor {
  if (!Object.hasOwn(executors, name)) throw unknownName("executor", name, Object.keys(executors));
  return executors[name as ExecutorName];
}

export { slurmParameters } from "./slurm-parameters.ts";
export type { ExecutorOptions, Job } from "./types.ts";
