import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { openParquet } from "../../formats/index.ts";
import { ensure, LintelError, nearest } from "../../util/index.ts";
import { delimitedRecords } from "./delimited.ts";
import { select } from "./select.ts";

const kinds = [".parquet", ".jsonl", ".json", ".csv", ".tsv"];
/** Files of Hugging Face caches and ours that hold no records. */
const notRecords = new Set([
  "lintel.json",
  "lintel-records.json",
  "dataset_info.json",
  "dataset_infos.json",
  "state.json",
  "config.json",
]);
/** A JSON file is read whole. */
const largestJson = 1 << 30;
const deepest = 3;

/** The files of each split of a foreign dataset. */
export interface Source {
  /** Where relative paths start. */
  root: string;
  splits: Map<string, string[]>;
}

function unreadable(where: string, cause: unknown): LintelError {
  if (cause instanceof LintelError) return cause;
  return new LintelError("dataset", {
    where,
    expected: "readable records",
    got: (cause as Error).message,
    attempt: "a Parquet, JSONL, JSON, CSV or TSV file, or a directory with some",
    cause,
  });
}

async function filesUnder(dir: string, depth: number): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory() && depth > 1 && !entry.name.startsWith("."))
      found.push(...(await filesUnder(path, depth - 1)));
    else if (entry.isFile() && kinds.includes(extname(entry.name)) && !notRecords.has(entry.name))
      found.push(path);
  }
  return found;
}

/** Of files that differ only in their kind (HR-Bench has each table as Parquet and TSV) the first kind's. */
function onceEach(files: readonly string[]): string[] {
  const best = new Map<string, string>();
  const rank = (file: string): number => kinds.indexOf(extname(file));
  for (const file of files) {
    const stem = file.slice(0, -extname(file).length);
    const before = best.get(stem);
    if (before === undefined || rank(file) < rank(before)) best.set(stem, file);
  }
  return files.filter((file) => best.get(file.slice(0, -extname(file).length)) === file);
}

const known = /(?:^|[^a-z])(train|validation|valid|val|dev|test|eval|held[-_]out)(?:[^a-z]|$)/i;

/**
 * What a file's name says about its split; its own name where it says nothing. Hubs' own conversions to Parquet number the
 * files within a directory of the split's name.
 */
function splitOf(path: string): string {
  const file = basename(path, extname(path));
  const name = /^\d+$/.test(file) ? basename(dirname(path)) : file;
  return known.exec(name)?.[1]?.toLowerCase() ?? name.replace(/-\d{5}-of-\d{5}$/, "");
}

const glob = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);

/**
 * The files with records at a path, by split. Throws `LintelError` "dataset" where there are none.
 *
 * @example
 * await sourceOf("/no/such/place").catch((error) => error.code); // "dataset"
 */
export async function sourceOf(path: string, patterns?: readonly string[]): Promise<Source> {
  const at = resolve(path);
  const splits = new Map<string, string[]>();
  let root = at;
  try {
    const facts = await stat(at);
    if (facts.isFile()) {
      root = dirname(at);
      splits.set(splitOf(at), [at]);
      return { root, splits };
    }
    for (const file of onceEach(await filesUnder(at, deepest))) {
      const name = relative(at, file).replaceAll("\\", "/");
      if (patterns && !patterns.some((each) => glob(each).test(name) || glob(each).test(basename(file))))
        continue;
      const split = splitOf(file);
      splits.set(split, [...(splits.get(split) ?? []), file]);
    }
  } catch (cause) {
    throw unreadable(at, cause);
  }
  ensure(splits.size > 0, "dataset", () => ({
    where: at,
    expected: `files with records (${patterns?.join(", ") ?? kinds.join(", ")})`,
    got: "none",
  }));
  return { root, splits };
}

/**
 * The files of one split: the one asked for, else the first of `preferred` that there is, else the first. Throws
 * `LintelError` "dataset" with the nearest name for a split that there is not.
 *
 * @example
 * chooseSplit({ root: "/", splits: new Map([["test", ["/a.jsonl"]]]) }).name; // "test"
 */
export function chooseSplit(
  { root, splits }: Source,
  wanted?: string,
  preferred: readonly string[] = ["train"],
): { name: string; files: string[] } {
  const names = [...splits.keys()];
  const name = wanted ?? preferred.find((each) => splits.has(each)) ?? names[0]!;
  ensure(splits.has(name), "dataset", () => ({
    where: root,
    expected: `a split ${JSON.stringify(name)}`,
    got: names.join(", "),
    attempt: nearest(name, names, 1)[0] ?? names[0],
  }));
  return { name, files: splits.get(name)! };
}

async function* lines(path: string): AsyncGenerator<unknown> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++;
    if (!line.trim()) continue;
    try {
      yield JSON.parse(line);
    } catch (cause) {
      throw unreadable(`${path}:${number}`, cause);
    }
  }
}

async function* parquetRows(path: string): AsyncGenerator<unknown> {
  const source = await openParquet(path);
  try {
    for await (const rows of source.read(source.columns)) yield* rows;
  } finally {
    await source.close();
  }
}

/**
 * The records of a file one by one. JSON files are read whole, others piece by piece.
 *
 * @param records - Path of the list of records in a JSON file that is no list itself.
 * @example
 * const { writeFileSync } = await import("node:fs");
 * writeFileSync("/tmp/lintel-example.jsonl", '{"a":1}\n{"a":2}\n');
 * for await (const record of recordsOf("/tmp/lintel-example.jsonl")) console.log(record.a); // 1, 2
 */
export async function* recordsOf(path: string, records?: string): AsyncGenerator<unknown> {
  const kind = extname(path);
  if (kind === ".parquet") return yield* parquetRows(path);
  if (kind === ".jsonl") return yield* lines(path);
  let found: unknown[];
  try {
    if (kind === ".csv" || kind === ".tsv")
      return yield* delimitedRecords(path, kind === ".csv" ? "," : "\t");
    const { size } = await stat(path);
    if (size > largestJson) throw new Error(`${size} bytes; JSON is read whole, so up to ${largestJson}`);
    const parsed: unknown = JSON.parse((await readFile(path, "utf8")).replace(/^\ufeff/, ""));
    found = records ? select(parsed, records) : Array.isArray(parsed) ? parsed : [parsed];
  } catch (cause) {
    throw unreadable(path, cause);
  }
  yield* found;
}
