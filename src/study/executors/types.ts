import type { OnProgress } from "../../util/index.ts";

/** What jobs are called in progress and errors: cells of a study, parts of an audit, or models of a self-test. */
export type JobKind = "cell" | "part" | "model";

/** One piece of a study that runs in a process of its own. */
export interface Job {
  /** The cell, e.g. "tetris/joint/0". */
  id: string;
  /** Jobs that must have finished first; those that are not among the jobs of this call have finished already. */
  needs: readonly string[];
  /** Arguments after `lintel`. */
  argv: readonly string[];
  /** Resolves when what it reads has been made (local); default: it is there. */
  after?: Promise<unknown> | undefined;
}

export interface ExecutorOptions {
  /** The run directory; an executor keeps its own files in a folder of its name there. */
  run: string;
  /** What jobs are called in progress and errors; default: cells of a study. */
  kind?: JobKind;
  /** Jobs at a time (local); default: one per usable core, so that each worker can be single-threaded. */
  workers?: number;
  /** Parameters of the Slurm executor, see `slurmParameters`. */
  slurm?: Readonly<Record<string, unknown>>;
  onProgress?: OnProgress;
  /** Called whenever a job has finished. */
  onFinished?: (id: string) => void;
  signal?: AbortSignal;
  /** The command that `argv` is appended to; default: this Node and this Lintel. */
  command?: readonly string[];
  /** Seconds between two looks at the queue (Slurm). Default 10. */
  pollSeconds?: number;
}

/**
 * Runs all jobs in an order that respects what they need. A failed job stops only those that need it. Throws a
 * `LintelError` that quotes what the failed jobs said, and `signal.reason` after an abort, when no job runs any more.
 */
export type Executor = (jobs: readonly Job[], options: ExecutorOptions) => Promise<void>;
