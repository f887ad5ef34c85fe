import { expect, it } from "vitest";
import { usableCores } from "../util/index.ts";
import { resourcesOf } from "./resources.ts";

const plan = (...threads: (number | undefined)[]) => ({
  cells: threads.map((n) => ({
    task: "tetris",
    recipe: "joint",
    ...(n !== undefined && { threads: n }),
    training: {},
    audits: [],
  })),
});

it("runs as many cells at a time as have cores for their threads", () => {
  expect(resourcesOf(plan(undefined, undefined))).toEqual({ threadsPerCell: 1, workers: usableCores() });
  const two = resourcesOf(plan(undefined, 2));
  expect([two.threadsPerCell, two.workers]).toEqual([2, Math.max(1, Math.floor(usableCores() / 2))]);
  expect(resourcesOf(plan(2 * usableCores())).workers).toBe(1);
});

it("asks a cluster for as many processors, and leaves what the user said", () => {
  expect(resourcesOf(plan(4)).slurm).toEqual({ cpus_per_task: 4 });
  expect(resourcesOf(plan(4), { slurm: { cpus_per_task: 8, mem_gb: 2 } }).slurm).toEqual({
    cpus_per_task: 8,
    mem_gb: 2,
  });
  expect(resourcesOf(plan(1), { workers: 5, slurm: { mem_gb: 2 } })).toEqual({
    threadsPerCell: 1,
    workers: 5,
    slurm: { mem_gb: 2 },
  });
});
