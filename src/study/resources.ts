/** Threads and workers for the cells of a plan. */
import { largest } from "../numeric/index.ts";
import { usableCores } from "../util/index.ts";

import type { StudyPlan } from "./plan.ts";

export interface Resources {
  /** Of the cell that takes most. */
  threadsPerCell: number;
  /** Cells at a time on this machine. */
  workers: number;
  slurm?: Readonly<Record<string, unknown>>;
}

/**
 * As many cells at a time as have cores for their threads, and as many processors for a cluster's job; where `asked` says
 * otherwise, that.
 */
export function resourcesOf(
  { cells }: Pick<StudyPlan, "cells">,
  asked: Partial<Pick<Resources, "workers" | "slurm">> = {},
): Resources {
  const threadsPerCell = largest(cells.map(({ threads = 1 }) => threads));
  const slurm = threadsPerCell > 1 ? { cpus_per_task: threadsPerCell, ...asked.slurm } : asked.slurm;
  return {
    threadsPerCell,
    workers: asked.workers ?? Math.max(1, Math.floor(usableCores() / threadsPerCell)),
    ...(slurm && { slurm }),
  };
}
