import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type AtomicFile,
  contentsOf,
  ensureDirectory,
  openAtomic,
  outputError,
  parseDocument,
  writeFileAtomic,
  writeJson,
} from "../../formats/index.ts";
import { LintelError, withLock } from "../../util/index.ts";
import type { Manifest } from "../dataset/index.ts";
import { markerName } from "../dataset/manifest.ts";
import { exampleId } from "../draw.ts";
import type { Example, ImageBytes, Parameters } from "../types.ts";
import { type LayoutName, layouts, type Paths, type RecordLayout } from "./layouts.ts";

/** Written last: a directory that has it is complete. No "lintel.json", because these are no Parquet files. */
const manifestName = "lintel-records.json";

interface RecordsMeta {
  task: string;
  seed: number;
  parameters: Parameters;
}

interface WriteRecordsOptions {
  format: LayoutName;
  /** Numbers of examples, which tell a dataset that is there from another one. */
  sizes: Record<string, number>;
  onProgress?: (split: string, done: number) => void;
  signal?: AbortSignal | undefined;
  /** Remove the lock of a process of which it cannot be known whether it still runs. */
  breakLock?: boolean | undefined;
}

/** Images written before the next ones are made. */
const AT_ONCE = 32;
const REPORT_EVERY = 50;

async function readText(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw outputError(path, error);
  });
}

/** A new or empty directory, or one with an unfinished attempt, whose files will be overwritten and its traces removed. */
async function prepare(root: string): Promise<void> {
  const present = await contentsOf(root);
  if (present.length > 0 && !present.includes(markerName)) {
    throw new LintelError("output", {
      where: root,
      expected: "a new or empty directory for the dataset",
      got: present.includes(manifestName) ? "another dataset" : `one with ${present.slice(0, 3).join(", ")}`,
      attempt: "another directory, or removing this one",
    });
  }
  await contentsOf(root, { clear: true });
  await writeFileAtomic(join(root, markerName), "The dataset in this directory is not finished.\n");
}

/** Writes the images of examples under their own names, several at a time. */
function imageFolder(directory: string, split: string) {
  let waiting: Promise<void>[] = [];
  const put = (name: string, bytes: ImageBytes): string => {
    const path = join(directory, "images", name);
    waiting.push(
      writeFile(path, bytes).catch((error) => {
        throw outputError(path, error);
      }),
    );
    return `images/${name}`;
  };
  return {
    add(
      { images, helpers, counterfactuals, edits = [] }: Example,
      number: number,
      everything: boolean,
    ): Paths {
      const stem = exampleId(split, number);
      const all = (kind: string, list: readonly ImageBytes[]): string[] =>
        list.map((bytes, i) => put(`${stem}${kind}${list.length > 1 ? `-${i}` : ""}.png`, bytes));
      return {
        images: all("", images),
        helpers: all("-helper", helpers),
        counterfactuals: everything
          ? counterfactuals.map((each, option) => each && all(`-option-${option}`, each))
          : [],
        edits: everything ? edits.map((each, i) => all(`-edit-${i}`, each.images)) : [],
      };
    },
    async flush(least = 0): Promise<void> {
      if (waiting.length <= least) return;
      const all = waiting;
      waiting = [];
      await Promise.all(all);
    },
  };
}

async function writeSplit(
  root: string,
  split: string,
  examples: Iterable<Example> | AsyncIterable<Example>,
  layout: RecordLayout,
  task: string,
  options: WriteRecordsOptions,
): Promise<number> {
  const path = join(root, layout.file(split));
  await ensureDirectory(join(dirname(path), "images"));
  await contentsOf(dirname(path), { clear: true });
  const folder = imageFolder(dirname(path), split);
  const file: AtomicFile = await openAtomic(path);
  const write = (text: string): Promise<void> => file.write(new TextEncoder().encode(text));
  let number = 0;
  try {
    if (!layout.lines) await write("[\n");
    for await (const example of examples) {
      options.signal?.throwIfAborted();
      const paths = folder.add(example, number, layout.counterfactuals);
      const text = JSON.stringify(layout.record(example, paths, { task, number }));
      await write(layout.lines ? `${text}\n` : `${number > 0 ? ",\n" : ""}${text}`);
      await folder.flush(AT_ONCE);
      if (++number % REPORT_EVERY === 0) options.onProgress?.(split, number);
    }
    await folder.flush();
    if (!layout.lines) await write("\n]\n");
    await file.commit();
  } catch (error) {
    await folder.flush().catch(() => undefined);
    await file.abort();
    throw error;
  }
  options.onProgress?.(split, number);
  return number;
}

/**
 * Writes a dataset as records with image files beside them. Exactly the same dataset that is there already is kept;
 * a directory with anything else is refused, an unfinished attempt is done again. Throws `LintelError` "output" when
 * writing fails, "usage" for examples that the format cannot hold.
 */
export async function writeRecords(
  dir: string,
  splits: Record<string, Iterable<Example> | AsyncIterable<Example>>,
  meta: RecordsMeta,
  options: WriteRecordsOptions,
): Promise<{ manifest: Manifest; reused: boolean }> {
  const layout = layouts[options.format];
  const entries = Object.entries(options.sizes).map(
    ([name, examples]) => [name, { examples, files: [] as Manifest["splits"][string]["files"] }] as const,
  );
  const manifest: Manifest = {
    format: "lintel-dataset",
    version: 1,
    ...meta,
    splits: Object.fromEntries(entries),
  };
  const wanted = JSON.parse(
    JSON.stringify({ ...manifest, format: `lintel-records-${options.format}` }),
  ) as object;
  const present = await readText(join(dir, manifestName));
  if (present !== null && isDeepStrictEqual(parseDocument(present, join(dir, manifestName)), wanted))
    return { manifest, reused: true };
  const root = await ensureDirectory(dir);
  const { breakLock, signal } = options;
  return withLock(root, { breakLock, signal }, async () => {
    await prepare(root);
    for (const [split, examples] of Object.entries(splits)) {
      await writeSplit(root, split, examples, layout, meta.task, options);
    }
    await writeJson(join(root, manifestName), wanted);
    await rm(join(root, markerName), { force: true });
    return { manifest, reused: false };
  });
}
