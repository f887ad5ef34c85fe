/** A whole study: datasets, cells on an executor, findings, results. */
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { ensureDirectory, MANIFEST_FILE, sealPart } from "../formats/index.ts";
import { type Device, runtimeVersions } from "../graph/index.ts";
import { generateDataset } from "../tasks/index.ts";
import { LintelError, lintelVersion, lockDirectory, type OnProgress } from "../util/index.ts";
import { calibrate } from "./calibrate.ts";
import { executorNamed, type Job, slurmParameters } from "./executors/index.ts";
import { findings } from "./findings/index.ts";
import { compareRecipes } from "./frontier/index.ts";
import { sealResults, unsealedNote, verifyBeforeWork } from "./integrity.ts";
import { cellsOf, checkSize, isTimed, type StudyPlan, taskOf } from "./plan.ts";
import { loadPlan } from "./presets/index.ts";
import type { OnNote } from "./recipe-names.ts";
import { requireStudyMemory, resourcesOf } from "./resources.ts";
import type { CellResult, Results } from "./results.ts";
import {
  claimRun,
  datasetDirectory,
  readCell,
  readComplete,
  readOutcomes,
  writeResults,
} from "./run-directory.ts";
import { type Selection, selectPlan } from "./select-cells.ts";

export interface StudyOptions extends Selection {
  /** Name of a preset, or path of a YAML file. */
  preset: string;
  /** Run directory. */
  out: string;
  /** Seeds of every cell: how many, counted from 0, or a list; default: the plan's. */
  seeds?: number | number[];
  /** Device of training and audits; default: the plan's. */
  device?: Device;
  executor?: string;
  workers?: number;
  slurm?: Readonly<Record<string, unknown>>;
  /** Remove the lock on `out` of a process that may or may not be running. */
  breakLock?: boolean;
  /** Read every file of finished parts again, instead of those whose size or times changed. */
  verify?: boolean;
  /** Make parts again that were changed after they were written, and what was made from them. */
  redoAltered?: boolean;
  onProgress?: OnProgress;
  /** Receives a sentence for each old name in the plan or the options. */
  onNote?: OnNote;
  /** Receives the results of the finished models, whenever one has finished, and how many there will be. */
  onResults?: (results: Results, of: number) => Promise<void>;
  /** Receives a sentence where parts have no manifest. */
  onWarning?: (text: string) => void;
  signal?: AbortSignal;
}

/** Makes the datasets of a plan one after the other: each by its key, when it is there. */
function makeDatasets(
  run: string,
  plan: StudyPlan,
  { onProgress, signal }: StudyOptions,
): Map<string, Promise<void>> {
  const make = async (key: string): Promise<void> => {
    const { train, eval: evaluation, heldOut, seed, parameters } = plan.datasets[key]!;
    const out = datasetDirectory(run, key);
    const { reused } = await generateDataset({
      task: taskOf(plan, key),
      out,
      train,
      eval: evaluation,
      heldOut,
      seed,
      parameters,
      ...(onProgress && {
        onProgress: ({ done, total }) =>
          onProgress({ label: `generate ${key}`, done, total, unit: "examples" }),
      }),
      signal,
    });
    // Killed in between, or of an older version: its shards have checksums of their own.
    if (!reused || !existsSync(join(out, MANIFEST_FILE))) await sealPart(out);
  };
  const made = new Map<string, Promise<void>>();
  let last = Promise.resolve();
  for (const key of Object.keys(plan.datasets)) {
    last = last.then(() => make(key));
    // Awaited by those that read it: it must not count as unhandled before.
    last.catch(() => undefined);
    made.set(key, last);
  }
  return made;
}

const environment = (device: Device, plan: StudyPlan): Results["environment"] => ({
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  ...runtimeVersions(),
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  device,
  threadsPerCell: resourcesOf(plan).threadsPerCell,
});

/**
 * The plan that a study with these options follows: the preset's or file's, with another number of seeds, another device,
 * and only the part of it that is asked for.
 *
 * Errors: "usage" for unknown presets, faulty plans, and names that the plan has not.
 *
 * @example
 * (await planOf({ preset: "smoke", tasks: ["tetris"] })).cells.map(({ recipe }) => recipe); // ["joint", "text"]
 */
export async function planOf(options: Omit<StudyOptions, "out">): Promise<StudyPlan> {
  const { recipes, tasks, only, equal } = options;
  const loaded = await loadPlan(options.preset, options.onNote);
  const partial = recipes ?? tasks ?? only ?? equal;
  const part =
    partial === undefined ? loaded : selectPlan(loaded, { recipes, tasks, only, equal }, options.onNote);
  const { device: planned = "cpu", ...rest } = part;
  const device = options.device ?? planned;
  // The CPU is not written down, so that runs of plans that name no device stay runs of the same plan.
  const plan = { ...rest, seeds: options.seeds ?? rest.seeds, ...(device !== "cpu" && { device }) };
  checkSize(plan, options.preset);
  return plan;
}

/**
 * Runs a study into `out`: datasets, cells, `results.json` last. The same call after a kill continues; on a complete
 * run it returns what is there.
 *
 * Errors: "usage" for unknown presets and faulty plans and for a directory of another study, "output" for a directory
 * that cannot be written, "input" for parts that were changed after they were written, and the error of the first failed cell.
 *
 * @public
 * @example
 * const { writeFileSync } = await import("node:fs");
 * const audits = [{ split: "eval", interventions: ["own"] }];
 * const plan = {
 *   name: "example",
 *   datasets: { crop: { train: 16, eval: 4, heldOut: 0, parameters: { rendering: "pocket" } } },
 *   cells: [{ task: "crop", recipe: "text", training: { steps: 1, batch: 4, warmup: 1 }, audits }],
 * };
 * writeFileSync("example.yaml", JSON.stringify(plan)); // JSON is a part of YAML
 * (await runStudy({ preset: "example.yaml", out: "example-run", workers: 1 })).cells.length; // 1
 */
export async function runStudy(options: StudyOptions): Promise<Results> {
  const started = performance.now();
  const asked = await planOf(options);
  const { device = "cpu" } = asked;
  const executor = executorNamed(options.executor ?? "local");
  slurmParameters(resourcesOf(asked, options).slurm);
  if ((options.executor ?? "local") === "local") requireStudyMemory(asked, options);
  const run = await ensureDirectory(options.out);
  let made = new Map<string, Promise<void>>();
  const lock = await lockDirectory(run, { breakLock: options.breakLock, signal: options.signal });
  try {
    const timed = asked.cells.some((cell) => isTimed(asked, cell));
    const plan = await claimRun(run, asked, timed ? () => calibrate(run, asked, options) : undefined);
    const { verify = false, redoAltered } = options;
    const note = unsealedNote(run, await verifyBeforeWork(run, plan, { all: verify, redoAltered }));
    if (note) options.onWarning?.(note);
    const complete = await readComplete(run);
    if (complete) return complete;
    made = makeDatasets(run, plan, options);
    // Models that are trained equally long start when nothing else runs; those of a cluster read what is there.
    if (timed || (options.executor ?? "local") !== "local") await Promise.all(made.values());
    const cells = cellsOf(plan);
    const jobs: Job[] = [];
    for (const cell of cells) {
      if (await readCell(run, cell)) continue;
      jobs.push({
        id: cell.id,
        needs: cell.base ? [cell.base] : [],
        argv: ["cell", run, cell.id, "--events"],
        after: made.get(cell.task),
      });
    }
    const { onProgress, onResults, signal } = options;
    const resultsOf = (some: readonly CellResult[]) => ({
      lintel: lintelVersion(),
      preset: plan.name,
      status: "complete" as const,
      seconds: (performance.now() - started) / 1000,
      environment: environment(device, plan),
      cells: [...some],
      findings: plan.findings === "paper" ? findings(some) : [],
    });
    let told = Promise.resolve();
    const tell = async (): Promise<void> => {
      const found: CellResult[] = [];
      for (const cell of cells) {
        const result = await readCell(run, cell);
        if (result) found.push(result);
      }
      await onResults!(resultsOf(found), cells.length);
    };
    // What is shown on the way is made again in the end: that it cannot be shown now stops nothing.
    const onFinished = (): void => {
      told = told.then(tell).catch((error: Error) => options.onWarning?.(error.message));
    };
    const { workers, slurm } = resourcesOf(plan, options);
    await executor(jobs, {
      run,
      workers,
      ...(slurm && { slurm }),
      onProgress,
      ...(onResults && { onFinished }),
      signal,
    }).finally(() => told);
    const done: CellResult[] = [];
    for (const cell of cells) {
      const result = await readCell(run, cell);
      if (!result) {
        throw new LintelError("runtime", {
          where: `cell ${cell.id}`,
          expected: "training and audits to be complete",
          got: "missing parts after its job ended",
          attempt: "running the same command again",
        });
      }
      done.push(result);
    }
    const results = await sealResults(run, {
      ...resultsOf(done),
      ...(await compareRecipes(plan, done, ({ id }, split) => readOutcomes(run, id, split))),
    });
    await writeResults(run, results);
    return results;
  } finally {
    await Promise.allSettled(made.values());
    lock.release();
  }
}
