import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { differences, type Facts, otherRequest } from "../formats/index.ts";
import {
  LintelError,
  LOCK_FILE,
  PROCESS_BYTES,
  requireMemory,
  usableCores,
  withLock,
} from "../util/index.ts";
import { type Manifest, readManifest, writeDataset } from "./dataset/index.ts";
import { markerName } from "./dataset/manifest.ts";
import { type DatasetFormat, writeRecords } from "./formats/index.ts";
import { canPaintInParallel, paintInParallel } from "./parallel.ts";
import { recordedParameters, resolveParameters } from "./parameters.ts";
import { taskNamed } from "./registry.ts";
import type { Example, Parameters } from "./types.ts";

export interface GenerateOptions {
  task: string;
  /** The directory to write to: new, empty, or with an unfinished attempt at this. */
  out: string;
  /** Numbers of examples; a split of none is left out. Defaults: 10,000 and 1,000 and 1,000. */
  train?: number;
  eval?: number;
  heldOut?: number;
  seed?: number;
  parameters?: Parameters;
  /** Parquet ("lintel", the default), or records with image files: "jsonl", or "lantern" for the code of the paper. */
  format?: DatasetFormat;
  /**
   * Threads that paint large splits of full sheets; default: as many as there are cores, at most 8, and none for the
   * pocket rendering, whose few panels are painted once and shared. The dataset is the same for any number.
   */
  workers?: number;
  /** Remove the lock of a process on `out` of which it cannot be known whether it still runs. */
  breakLock?: boolean | undefined;
  /** Called now and then with the examples written so far, over all splits, and how many there will be. */
  onProgress?: (progress: { split: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

export interface Generated {
  manifest: Manifest;
  /** True when exactly this dataset was there already and nothing had to be done. */
  reused: boolean;
}

/** Memory of a thread that paints, with the row group that it is written to; the number of examples does not matter. */
const PAINTING = 32 * 2 ** 20;

/** A split of fewer examples is painted before workers have started. */
const worthWorkers = 400;

/**
 * Generates a dataset of a task: all its splits, the card and the manifest. Where exactly the same dataset is
 * already (task, seed, parameters and numbers) it is kept; where another one does, nothing is touched. Throws
 * `LintelError` "usage" for unknown tasks and parameters and for impossible numbers, "output" when writing fails.
 *
 * @public
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const out = mkdtempSync("/tmp/lintel-example-");
 * const { manifest } = await generateDataset({ task: "tetris", out, train: 8, eval: 4, heldOut: 4, seed: 1 });
 * manifest.splits.train.examples; // 8
 */
export async function generateDataset(options: GenerateOptions): Promise<Generated> {
  const task = taskNamed(options.task);
  const seed = options.seed ?? 0;
  const { train = 10_000, heldOut = 1_000, eval: evaluation = 1_000 } = options;
  const parameters = recordedParameters(
    task.parameters,
    resolveParameters(task.name, task.parameters, options.parameters),
  );
  const sizes = task.splits
    .map(
      (name) =>
        [name, name === "train" ? train : name.startsWith("held-out") ? heldOut : evaluation] as const,
    )
    .filter(([, size]) => size !== 0);
  // Generators do nothing until asked, so wrong numbers are refused here before anything is written.
  const workers = options.workers ?? (parameters.rendering === "full" ? Math.min(8, usableCores()) : 0);
  const streams = sizes.map(([name, size]): [string, Iterable<Example> | AsyncIterable<Example>] => {
    const examples = task.generate(name, size, seed, parameters);
    if (workers < 2 || size < worthWorkers || !canPaintInParallel()) return [name, examples];
    return [name, paintInParallel({ task: task.name, split: name, count: size, seed, parameters }, workers)];
  });
  if (streams.length === 0) {
    throw new LintelError("usage", {
      where: `sizes of ${task.name}`,
      expected: "at least one example",
      got: "none",
    });
  }

  requireMemory(
    `generate ${task.name}`,
    { process: PROCESS_BYTES, painting: (1 + workers) * PAINTING },
    "fewer workers",
  );
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const names = sizes.map(([name]) => name);
  const onProgress = (split: string, done: number): void => {
    const before = sizes.slice(0, names.indexOf(split)).reduce((sum, [, size]) => sum + size, 0);
    options.onProgress?.({ split, done: before + done, total });
  };
  const { format = "lintel", signal } = options;
  if (format !== "lintel") {
    const meta = { task: task.name, seed, parameters };
    const all = Object.fromEntries(streams);
    return writeRecords(options.out, all, meta, {
      format,
      sizes: Object.fromEntries(sizes),
      onProgress,
      signal,
      breakLock: options.breakLock,
    });
  }

  const present = await readManifest(options.out);
  if (present) {
    const wanted = { task: task.name, seed, parameters, sizes: Object.fromEntries(sizes) };
    const sizesThere = Object.entries(present.splits).map(
      ([name, { examples }]) => [name, examples] as const,
    );
    const there = {
      task: present.task,
      seed: present.seed,
      parameters: present.parameters,
      sizes: Object.fromEntries(sizesThere),
    };
    if (isDeepStrictEqual(wanted, there)) {
      // A kill between the manifest and the end of the work leaves the marker of unfinished datasets, or a lock, behind.
      const marker = join(options.out, markerName);
      const { breakLock } = options;
      if ([marker, join(options.out, LOCK_FILE)].some((path) => existsSync(path)))
        await withLock(options.out, { breakLock, signal }, () => rm(marker, { force: true }));
      return { manifest: present, reused: true };
    }
    throw otherRequest(
      options.out,
      "a dataset",
      differences({ dataset: factsOf(there) }, { dataset: factsOf(wanted) }),
      "output",
    );
  }

  const splits = Object.fromEntries(streams);
  const meta = { task: task.name, title: task.title, description: task.description, seed, parameters };
  const manifest = await writeDataset(options.out, splits, meta, {
    signal,
    onProgress,
    breakLock: options.breakLock,
  });
  return { manifest, reused: false };
}

/** Task, seed, parameters and sizes of a dataset by name, for what differs between two of them. */
const factsOf = ({
  parameters,
  sizes,
  task,
  seed,
}: {
  task: string;
  seed: number | null;
  parameters: Parameters;
  sizes: Record<string, number>;
}): Facts => ({
  task,
  seed: seed ?? "none",
  ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`parameter ${name}`, value])),
  ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [`examples of ${name}`, size])),
});
