/** Threads and workers for the cells of a plan. */
import { largest } from "../numeric/index.ts";
import { pocketMemory, pocketShape, trainDefaults } from "../training/index.ts";
import { memoryTotal, requireMemory, usableCores } from "../util/index.ts";
import type { StudyPlan } from "./plan.ts";

interface Resources {
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

/**
 * Refuses a study whose largest cells, as many as run at a time, do not fit into the memory that is available. Cells that
 * start from a checkpoint are not counted: their own trainings refuse.
 *
 * Errors: "runtime" with both figures.
 *
 * @example
 * requireStudyMemory({ cells: [] }, {}); // undefined: nothing is trained
 */
export function requireStudyMemory(
  { cells }: Pick<StudyPlan, "cells">,
  asked: Partial<Pick<Resources, "workers">>,
): void {
  const totals = cells
    .filter(({ base, checkpoint }) => base === undefined && checkpoint === undefined)
    .map(({ training, threads = 1 }) => {
      const shape = { ...pocketShape, ...training.shape };
      return memoryTotal(pocketMemory({ shape, batch: training.batch ?? trainDefaults.batch, threads }));
    })
    .sort((a, b) => b - a);
  const workers = Math.min(resourcesOf({ cells }, asked).workers, totals.length);
  const parts = Object.fromEntries(totals.slice(0, workers).map((bytes, i) => [`worker ${i + 1}`, bytes]));
  requireMemory("study", parts, "fewer --workers, or a smaller batch or shape in its file");
}
