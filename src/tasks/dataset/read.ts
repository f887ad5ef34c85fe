import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { decodeImage, mayBeTurned, openParquet, type Picture, upright } from "../../formats/index.ts";
import { textPlaces } from "../../numeric/index.ts";
import { ensure, LintelError, unknownName } from "../../util/index.ts";
import { exampleId } from "../draw.ts";
import type { Example, ImageBytes, Skipped, Split } from "../types.ts";
import { columnsWith, extras, fromRow, neededColumns } from "./columns.ts";
import { type Manifest, markerName, readManifest } from "./manifest.ts";

/** The shards of each split that a directory ought to have, by the names of those it has. */
interface StoredLayout {
  root: string;
  manifest: Manifest | null;
  splits: Map<string, string[]>;
}

async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new LintelError("dataset", { where: dir, expected: "a readable directory", got: message, cause });
  }
}

async function layoutOf(dir: string): Promise<StoredLayout> {
  const root = resolve(dir);
  const present = await names(root);
  const manifest = await readManifest(root);
  ensure(manifest || !present.includes(markerName), "dataset", () => ({
    where: root,
    id: "E_UNFINISHED",
    expected: "a complete dataset",
    got: "one that was not written to its end",
    attempt: "running the command that makes it again",
  }));
  const found = await names(join(root, "data"));
  const splits = new Map<string, string[]>();
  for (const [name, { files }] of Object.entries(manifest?.splits ?? {})) {
    splits.set(
      name,
      files.map(({ path }) => basename(path)),
    );
  }
  for (const file of found) {
    const [, name, , of] = /^(.+)-(\d{5})-of-(\d{5})\.parquet$/.exec(file) ?? [];
    if (!name || manifest) continue;
    splits.set(
      name,
      Array.from({ length: Number(of) }, (_, i) => `${name}-${String(i).padStart(5, "0")}-of-${of}.parquet`),
    );
  }
  const isFile = present.length === 0 && (await stat(root).catch(() => null))?.isFile() === true;
  ensure(splits.size > 0, "dataset", () => ({
    where: root,
    expected: "a dataset (data/SPLIT-00000-of-0000N.parquet)",
    got:
      present.length === 0
        ? isFile
          ? "a file"
          : existsSync(root)
            ? "an empty directory"
            : "a path that does not exist"
        : `one with ${present.slice(0, 5).join(", ")}`,
    attempt:
      present.length === 0 && !isFile
        ? "another path, or lintel generate TASK --out DIR to make one"
        : "lintel generate TASK --out DIR; audit and inform read files made elsewhere with --map NAME|FILE (docs/data.md)",
  }));
  for (const files of splits.values()) {
    const missing = files.filter((file) => !found.includes(file));
    ensure(missing.length === 0, "dataset", () => ({
      where: join(root, "data"),
      expected: `the shard ${missing[0]}`,
      got: `${files.length - missing.length} of ${files.length} shards`,
      attempt: "copying or generating the dataset again",
    }));
  }
  return { root, manifest, splits };
}

/**
 * Names of the splits in a dataset directory. Throws `LintelError` "dataset" when it is no dataset, an unfinished
 * one, or lacks a shard (which is named).
 */
export async function listSplits(dir: string): Promise<string[]> {
  return [...(await layoutOf(dir)).splits.keys()];
}

export interface ReadOptions {
  /** Read only this many examples, from the beginning. */
  limit?: number;
  /** Called for every example that breaks the rules; without it, the first is an error. */
  onSkipped?: (skipped: Skipped) => void;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const block of createReadStream(path)) hash.update(block as Buffer);
  } catch (cause) {
    throw new LintelError("dataset", {
      where: path,
      expected: "a readable file",
      got: (cause as Error).message,
      cause,
    });
  }
  return hash.digest("hex");
}

/** Compares a shard with its checksum, where the manifest has one: what is damaged must not become results. */
async function verify(manifest: Manifest | null, split: string, path: string): Promise<void> {
  const known = manifest?.splits[split]?.files.find((file) => basename(file.path) === basename(path));
  if (!known) return;
  ensure((await sha256(path)) === known.sha256, "dataset", () => ({
    where: path,
    id: "E_CHANGED_FILE",
    expected: "the file as it was written (SHA-256 in lintel.json)",
    got: "a changed or damaged one",
    attempt: "copying or generating the dataset again",
  }));
}

/** An example with its photographs upright, as `datasets` decodes image columns. */
async function straightened(example: Example): Promise<Example> {
  const { images, helpers, counterfactuals, edits } = example;
  const held = [
    images,
    helpers,
    ...counterfactuals.map((each) => each ?? []),
    ...(edits ?? []).map((e) => e.images),
  ];
  if (!held.flat().some(mayBeTurned)) return example;
  const all = (list: readonly ImageBytes[]): Promise<ImageBytes[]> =>
    Promise.all(list.map((image) => upright(image, `example ${example.id}`)));
  return {
    ...example,
    images: await all(images),
    helpers: await all(helpers),
    counterfactuals: await Promise.all(counterfactuals.map(async (each) => each && all(each))),
    ...(edits && {
      edits: await Promise.all(edits.map(async (e) => ({ ...e, images: await all(e.images) }))),
    }),
  };
}

/** The example of a row; null for one that is passed over. */
async function readRow(
  row: Parameters<typeof fromRow>[0],
  root: string,
  id: string,
  onSkipped: ReadOptions["onSkipped"],
): Promise<Example | null> {
  try {
    return await straightened(fromRow(row, root, id));
  } catch (error) {
    if (!onSkipped || !(error instanceof LintelError) || error.code !== "dataset") throw error;
    const { id: named } = row;
    onSkipped({ example: typeof named === "string" ? named : id, reason: error.message });
    return null;
  }
}

async function* examplesOf(
  layout: StoredLayout,
  split: string,
  { limit = Number.POSITIVE_INFINITY, onSkipped }: ReadOptions,
): AsyncGenerator<Example> {
  const { root, manifest } = layout;
  let left = limit;
  let number = 0;
  const ids = textPlaces();
  for (const file of layout.splits.get(split)!) {
    if (left <= 0) return;
    const path = join(root, "data", file);
    await verify(manifest, split, path);
    const source = await openParquet(path);
    try {
      const missing = neededColumns.filter((name) => !source.columns.includes(name));
      ensure(missing.length === 0, "dataset", () => ({
        where: path,
        expected: `the columns ${neededColumns.join(", ")}`,
        got: `none called ${missing.join(", ")} (there are ${source.columns.join(", ")})`,
      }));
      const wanted = Object.keys(columnsWith(extras)).filter((name) => source.columns.includes(name));
      for await (const rows of source.read(wanted)) {
        for (const row of rows) {
          if (left-- <= 0) return;
          const example = await readRow(row, root, exampleId(split, number++), onSkipped);
          if (!example) continue;
          ensure(ids.add(example.id), "dataset", () => ({
            where: path,
            expected: "every id once",
            got: `${JSON.stringify(example.id)} twice`,
          }));
          yield example;
        }
      }
    } finally {
      await source.close();
    }
  }
}

/** The layout of a directory, in which there is the split. */
export async function layoutWith(dir: string, split: string): Promise<StoredLayout> {
  const layout = await layoutOf(dir);
  const there = [...layout.splits.keys()];
  if (!layout.splits.has(split))
    throw unknownName("split", split, there, { where: layout.root, code: "dataset" });
  return layout;
}

/**
 * The examples of a split one by one; only one row group is in memory at a time. Shards are compared with their
 * checksums first. Nothing in a dataset is executed, and no path in it is followed. Throws `LintelError` "dataset"
 * for a directory that is no dataset, for missing splits, shards and columns, for damaged or unreadable shards,
 * and for an example that breaks the rules (named by its id). Images are not decoded: see `decodeExample`.
 *
 * @public
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const dir = mkdtempSync("/tmp/lintel-example-");
 * await generateDataset({ task: "tetris", out: dir, train: 4, eval: 2, heldOut: 2, seed: 0 });
 * for await (const example of readExamples(dir, "train", { limit: 2 })) console.log(example.question);
 */
export async function* readExamples(
  dir: string,
  split: string,
  options: ReadOptions = {},
): AsyncGenerator<Example> {
  yield* examplesOf(await layoutWith(dir, split), split, options);
}

/**
 * A whole split, or its first `limit` examples. Errors as for `readExamples`.
 *
 * @public
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const dir = mkdtempSync("/tmp/lintel-example-");
 * await generateDataset({ task: "tetris", out: dir, train: 4, eval: 2, heldOut: 2, seed: 0 });
 * const { task, examples } = await readSplit(dir, "eval");
 * [task, examples.length]; // ["tetris", 2]
 */
export async function readSplit(
  dir: string,
  split: string,
  {
    keep = (example) => example,
    ...options
  }: ReadOptions & {
    /** What is kept of an example of a task. */
    keep?: (example: Example, task: string) => Example;
  } = {},
): Promise<Split> {
  const layout = await layoutWith(dir, split);
  const task = layout.manifest?.task ?? basename(layout.root);
  const examples: Example[] = [];
  for await (const example of examplesOf(layout, split, options)) examples.push(keep(example, task));
  return { name: split, task, examples };
}

/** The pictures of an example. */
export interface Pictures {
  images: Picture[];
  helpers: Picture[];
  counterfactuals: (Picture[] | null)[];
  /** Only where the example has edits: of each of them. */
  edits?: Picture[][];
}

/**
 * Decodes the images of an example. Throws `LintelError` "dataset" naming the example and the image for one that
 * does not decode.
 */
export async function decodeExample(example: Example): Promise<Pictures> {
  const all = (kind: string, images: ImageBytes[]): Promise<Picture[]> =>
    Promise.all(
      images.map((bytes, i) => decodeImage(bytes, `example ${example.id}, ${kind} ${i}`, "dataset")),
    );
  const edits = example.edits?.map(({ images, kind }, i) => all(`edit ${i} (${kind}), image`, images));
  return {
    ...(edits && { edits: await Promise.all(edits) }),
    images: await all("image", example.images),
    helpers: await all("helper", example.helpers),
    counterfactuals: await Promise.all(
      example.counterfactuals.map(
        (helpers, i) => helpers && all(`counterfactual of option ${i}, helper`, helpers),
      ),
    ),
  };
}
