import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  contentsOf,
  createParquet,
  ensureDirectory,
  outputError,
  type ParquetSink,
  type Row,
  type WrittenFile,
  writeFileAtomic,
  writeJson,
} from "../../formats/index.ts";
import { LintelError, withLock } from "../../util/index.ts";
import type { Example, Parameters } from "../types.ts";
import { count, datasetCard, newTally, type SplitFacts } from "./card.ts";
import { columnsWith, type Extra, extrasOf, toRow } from "./columns.ts";
import { figureOf, writeFigure } from "./figure.ts";
import { type Manifest, manifestName, markerName } from "./manifest.ts";

export interface DatasetMeta {
  task: string;
  title: string;
  description: string;
  seed: number | null;
  parameters: Parameters;
}

export interface WriteOptions {
  /** A file is closed and the next one begun when it has reached this size; default 256 MiB. */
  shardBytes?: number;
  /** Called after every group of examples that was written. */
  onProgress?: (split: string, done: number) => void;
  /** Stops between two groups; what was written stays unfinished and is replaced by the next attempt. */
  signal?: AbortSignal;
  /** Remove the lock of a process of which it cannot be known whether it still runs. */
  breakLock?: boolean | undefined;
}

/** This much is held in memory before it is written as a row group, and at most this many rows. */
const groupBytes = 4 << 20;
const groupRows = 500;

const shard = (split: string, number: number, of: string): string =>
  `${split}-${String(number).padStart(5, "0")}${of}`;

/** Rough size of an example in memory. */
function weigh({ images, helpers, counterfactuals, edits = [] }: Example): number {
  let bytes = 1024;
  const more = [...counterfactuals.flatMap((each) => each ?? []), ...edits.flatMap((each) => each.images)];
  for (const image of [...images, ...helpers, ...more]) bytes += image.length;
  return bytes;
}

/** The extra columns of a dataset: those that its first example needs. Throws "output" for a later one that needs others. */
function extraColumnsOf(): { of(example: Example): readonly Extra[] } {
  let first: readonly Extra[] | null = null;
  return {
    of(example) {
      const needed = extrasOf(example);
      first ??= needed;
      const missing = needed.find((name) => !first!.includes(name));
      if (missing === undefined) return first;
      throw new LintelError("output", {
        where: `example ${example.id}, ${missing}`,
        expected: `examples of which the first has ${missing} where any has: it decides on the columns`,
        got: "a first one without",
        attempt: `giving the first example ${missing === "caption" ? "one" : "an empty list of them"}`,
      });
    },
  };
}

/** Makes sure that the directory is new, empty, or holds nothing but an unfinished dataset, which is cleared away. */
async function prepare(root: string): Promise<void> {
  const data = join(root, "data");
  try {
    const present = await contentsOf(root);
    if (!present.includes(markerName) || present.includes(manifestName)) refuseOthers(root, present);
    await contentsOf(root, { clear: true });
    if (present.includes("data")) {
      const stale = (await readdir(data)).filter((name) => /\.(parquet|partial|tmp)$/.test(name));
      for (const name of stale) await rm(join(data, name));
    }
  } catch (error) {
    throw error instanceof LintelError ? error : outputError(root, error);
  }
  await writeFileAtomic(join(root, markerName), "The dataset in this directory is not finished.\n");
  await ensureDirectory(data);
}

/** Throws "output" for a directory that holds anything. */
function refuseOthers(root: string, present: readonly string[]): void {
  if (present.length === 0) return;
  throw new LintelError("output", {
    where: root,
    id: "E_OTHER_RUN",
    expected: "a new or empty directory for the dataset",
    got: present.includes(manifestName) ? "a finished dataset" : `one with ${present.slice(0, 3).join(", ")}`,
    attempt: "another directory, or removing this one",
  });
}

/** Examples one by one, as they are made. */
export type Examples = Iterable<Example> | AsyncIterable<Example>;

/** Writes one split as shards that get their names, which tell how many there are, at the end. */
async function writeSplit(
  root: string,
  name: string,
  examples: Examples,
  extra: ReturnType<typeof extraColumnsOf>,
  options: WriteOptions,
) {
  const { shardBytes = 256 << 20, onProgress, signal } = options;
  const data = join(root, "data");
  const tally = newTally();
  let shown: Example | null = null;
  const written: WrittenFile[] = [];
  let sink: ParquetSink | null = null;
  let rows: Row[] = [];
  let weight = 0;
  let extras: readonly Extra[] = [];

  const closeShard = async (): Promise<void> => {
    if (!sink) return;
    written.push(await sink.commit());
    sink = null;
  };
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    sink ??= await createParquet(join(data, shard(name, written.length, ".partial")), columnsWith(extras));
    await sink.append(rows);
    rows = [];
    weight = 0;
    if (sink.bytes >= shardBytes) await closeShard();
    onProgress?.(name, tally.examples);
  };

  try {
    for await (const example of examples) {
      count(tally, example);
      shown ??= example;
      extras = extra.of(example);
      rows.push(toRow(example));
      weight += weigh(example);
      if (weight >= groupBytes || rows.length >= groupRows) await flush();
    }
    // A split of no examples is still a file, with columns.
    if (rows.length > 0 || tally.examples === 0) await flush();
    await closeShard();
  } catch (error) {
    await (sink as ParquetSink | null)?.abort();
    throw error;
  }

  const total = `-of-${String(written.length).padStart(5, "0")}.parquet`;
  const files = [];
  for (const [i, { bytes, rows: held, sha256 }] of written.entries()) {
    const final = shard(name, i, total);
    try {
      await rename(join(data, shard(name, i, ".partial")), join(data, final));
    } catch (error) {
      throw outputError(join(data, final), error);
    }
    files.push({ path: `data/${final}`, examples: held, bytes, sha256 });
  }
  return { files, tally, shown, extras };
}

/**
 * Writes a dataset: `data/SPLIT-00000-of-0000N.parquet` with Hugging Face image features, the card `README.md`,
 * and last of all the manifest `lintel.json`, whose presence means that all is there. Examples are taken one by
 * one and leave memory with their row group, so splits may be larger than memory. A directory that an earlier
 * attempt left unfinished is taken up afresh; any other directory that is not empty is refused, nothing in it is
 * touched. Throws `LintelError` "output" when writing fails.
 *
 * @public
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const dir = mkdtempSync("/tmp/lintel-example-");
 * const { title, description } = tasks.crop;
 * const meta = { task: "crop", title, description, seed: 0, parameters: {} };
 * const manifest = await writeDataset(dir, { eval: tasks.crop.generate("eval", 3, 0) }, meta);
 * manifest.splits.eval.examples; // 3
 */
export async function writeDataset(
  dir: string,
  splits: Record<string, Examples>,
  meta: DatasetMeta,
  options: WriteOptions = {},
): Promise<Manifest> {
  const root = await ensureDirectory(dir);
  const { breakLock, signal } = options;
  return withLock(root, { breakLock, signal }, () => writeLocked(root, splits, meta, options));
}

async function writeLocked(
  root: string,
  splits: Record<string, Examples>,
  meta: DatasetMeta,
  options: WriteOptions,
): Promise<Manifest> {
  await prepare(root);
  const stored: Manifest["splits"] = {};
  const facts: SplitFacts[] = [];
  let figure: Example | null = null;
  const extra = extraColumnsOf();
  let columns = columnsWith([]);
  for (const [name, examples] of Object.entries(splits)) {
    const { files, tally, shown, extras } = await writeSplit(root, name, examples, extra, options);
    if (shown && !figure) columns = columnsWith(extras);
    figure ??= shown;
    stored[name] = { examples: tally.examples, files };
    facts.push({ name, tally, bytes: files.reduce((sum, file) => sum + file.bytes, 0) });
  }
  await writeFileAtomic(
    join(root, "README.md"),
    datasetCard({ ...meta, columns, splits: facts, ...(figure && { figure: figureOf(figure) }) }),
  );
  if (figure) await writeFigure(root, figure);
  const { task, seed, parameters } = meta;
  const manifest: Manifest = { format: "lintel-dataset", version: 1, task, seed, parameters, splits: stored };
  await writeJson(join(root, manifestName), manifest);
  await rm(join(root, markerName), { force: true });
  return manifest;
}
