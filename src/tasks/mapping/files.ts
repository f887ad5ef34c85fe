/** The files of a dataset made elsewhere, by split. */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { mistakenFile, unreadableFile } from "../../formats/index.ts";
import { ensure, LintelError, unknownName } from "../../util/index.ts";
import { globOf } from "./glob.ts";
import { belongs, snapshotOf, type Territory, territoryOf } from "./links.ts";

/** How a file with records is read. */
type FileKind = "parquet" | "jsonl" | "json" | "csv" | "tsv" | "arrow" | "tar";

/** Endings by kind; of files that differ only in their ending the kind that comes first is read. */
const endings: Record<string, FileKind> = {
  ".parquet": "parquet",
  ".arrow": "arrow",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".tsv": "tsv",
  ".tar": "tar",
};
const kinds = Object.keys(endings);

/** The name without what compression adds, which is read whatever the ending says. */
const uncompressed = (name: string): string =>
  name.replace(/\.(gz|zst|zstd)$/i, "").replace(/\.tgz$/i, ".tar");

/** The ending that tells the kind, in lower case; "" where there is none. */
const endingOf = (file: string): string =>
  /\.[a-z0-9]+$/.exec(uncompressed(basename(file)).toLowerCase())?.[0] ?? "";

const stemOf = (file: string): string => {
  const name = uncompressed(file);
  return name.slice(0, name.length - endingOf(file).length);
};

/**
 * How a file is read, by its ending in any case, with or without ".gz" or ".zst" behind it; null for other endings.
 */
export const kindOf = (file: string): FileKind | null => endings[endingOf(file)] ?? null;

/** Files of Hugging Face caches and ours that hold no records. */
const notRecords = new Set([
  "lintel.json",
  "lintel-records.json",
  "dataset_info.json",
  "dataset_infos.json",
  "dataset_dict.json",
  "state.json",
  "config.json",
]);
const deepest = 3;

/** Hidden files, those that macOS, Windows and Office leave beside others, and what `datasets` computed from others. */
const ignored = (name: string): boolean =>
  /^(\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$|cache-[0-9a-f]+\.arrow$)/i.test(name);
const unfinished = /\.(crdownload|part|partial|incomplete|download|tmp)$/i;

/** The files of each split of a foreign dataset. */
interface DataSource {
  /** Where relative paths start. */
  root: string;
  splits: Map<string, string[]>;
  /** One file was named: it is read alone, whatever shards its name speaks of. */
  single?: true;
}

const attempt = "a Parquet, JSONL, JSON, CSV, TSV, Arrow or tar file, or a directory with some";

/** Files with records under a directory, and how many downloads there were not finished. */
async function filesUnder(
  dir: string,
  depth: number,
  territory: Territory,
  found: { files: string[]; partial: string[] },
) {
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (ignored(entry.name)) continue;
    if (unfinished.test(entry.name) && kindOf(entry.name.replace(unfinished, "")) !== null)
      found.partial.push(path);
    let target = entry.isDirectory() ? "directory" : entry.isFile() ? "file" : "other";
    const wanted = kindOf(entry.name) !== null && !notRecords.has(entry.name);
    if (entry.isSymbolicLink()) {
      const real = await realpath(path).catch(() => null);
      if (real === null || !belongs(territory, real)) {
        if (!wanted) continue;
        const mistaken = real === null ? await mistakenFile(path) : null;
        throw new LintelError("dataset", {
          where: path,
          expected: "a file within the dataset",
          got: mistaken?.got ?? `a link to ${real}, which lies outside of it`,
          attempt: mistaken?.attempt ?? "copying the dataset with its links followed (cp -rL)",
        });
      }
      const facts = await stat(real);
      target = facts.isDirectory() ? "directory" : facts.isFile() ? "file" : "other";
    }
    if (target === "directory" && depth > 1) await filesUnder(path, depth - 1, territory, found);
    else if (target === "file" && wanted) found.files.push(path);
  }
}

/** Of files that differ only in their kind (HR-Bench has each table as Parquet and TSV) the first kind's. */
function onceEach(files: readonly string[]): string[] {
  const best = new Map<string, string>();
  const rank = (file: string): number => kinds.indexOf(endingOf(file));
  for (const file of files) {
    const stem = stemOf(file);
    const before = best.get(stem);
    if (before === undefined || rank(file) < rank(before)) best.set(stem, file);
  }
  return files.filter((file) => best.get(stemOf(file)) === file);
}

const known = /(?:^|[^a-z])(train|validation|valid|val|dev|test|eval|held[-_]out)(?:[^a-z]|$)/i;

/**
 * What a file's name says about its split; its own name where it says nothing. Hubs' own conversions to Parquet number the
 * files within a directory of the split's name, and so do `save_to_disk` (data-00000-of-00001.arrow) and WebDataset.
 */
function splitOf(path: string): string {
  const file = basename(stemOf(path));
  const name = /^(\d+|data-\d{5}-of-\d{5})$/.test(file) ? basename(dirname(path)) : file;
  return known.exec(name)?.[1]?.toLowerCase() ?? name.replace(/-\d{5}-of-\d{5}$/, "");
}

/** Refuses a split of which shards are missing, by the numbers in their names. */
function checkShards(root: string, files: readonly string[]): void {
  const series = new Map<string, { of: number; numbers: Set<number>; name: (i: number) => string }>();
  for (const file of files) {
    const [, before, i, of, after] = /^(.*-)(\d{5})(-of-\d{5})(.*)$/.exec(file) ?? [];
    if (before === undefined) continue;
    const key = `${before}*${of}${after}`;
    const name = (n: number): string => `${before}${String(n).padStart(5, "0")}${of}${after}`;
    const known = series.get(key) ?? { of: Number(of!.slice(4)), numbers: new Set(), name };
    known.numbers.add(Number(i));
    series.set(key, known);
  }
  for (const { of, numbers, name } of series.values()) {
    if (numbers.size >= of) continue;
    let missing = 0;
    while (numbers.has(missing)) missing++;
    throw new LintelError("dataset", {
      where: root,
      expected: `the shard ${relative(root, name(missing))}`,
      got: `${numbers.size} of ${of} shards`,
      attempt: "downloading the others, or naming the one file that is to be read",
    });
  }
}

/** As `globOf`, whatever the case. */
const glob = (pattern: string): ((name: string) => boolean) => {
  const matches = globOf(pattern.toLowerCase());
  return (name) => matches(name.toLowerCase());
};

/**
 * The files with records at a path, by split. Links are followed where they stay within the dataset, or within its repository
 * in a Hub cache. Throws `LintelError` "dataset" where there are no files, for links that lead elsewhere or nowhere, and for
 * a split of which shards are missing.
 */
export async function sourceOf(path: string, patterns?: readonly string[]): Promise<DataSource> {
  const at = await snapshotOf(resolve(path));
  const splits = new Map<string, string[]>();
  const found = { files: [] as string[], partial: [] as string[] };
  try {
    const facts = await stat(at);
    if (facts.isFile()) {
      ensure(!unfinished.test(at), "dataset", () => ({
        where: at,
        expected: "a whole file",
        got: "a download that was not finished, by its name",
        attempt: "downloading it again",
      }));
      return { root: dirname(at), splits: new Map([[splitOf(at), [at]]]), single: true };
    }
    await filesUnder(at, deepest, await territoryOf(at), found);
  } catch (cause) {
    throw await unreadableFile(at, { expected: "readable records", attempt }, cause);
  }
  for (const file of onceEach(found.files)) {
    const name = relative(at, file).replaceAll("\\", "/");
    const matches = (each: string): boolean =>
      [name, basename(file)].some((one) => glob(each)(one) || glob(each)(uncompressed(one)));
    if (patterns && !patterns.some(matches)) continue;
    const split = splitOf(file);
    splits.set(split, [...(splits.get(split) ?? []), file]);
  }
  ensure(splits.size > 0, "dataset", () => ({
    where: at,
    expected: `files with records (${patterns?.join(", ") ?? kinds.join(", ")})`,
    got:
      found.partial.length > 0
        ? `only downloads that were not finished (${basename(found.partial[0]!)})`
        : "none",
    ...(found.partial.length > 0 && { attempt: "downloading them again" }),
  }));
  return { root: at, splits };
}

/**
 * The files of one split: the one requested, else the first of `preferred` that there is, else the first. Throws
 * `LintelError` "dataset" with the nearest name for a split that there is not, and where shards of it are missing.
 */
export function chooseSplit(
  { root, splits, single }: DataSource,
  wanted?: string,
  preferred: readonly string[] = ["train"],
): { name: string; files: string[] } {
  const names = [...splits.keys()];
  const name = wanted ?? preferred.find((each) => splits.has(each)) ?? names[0]!;
  if (!splits.has(name)) throw unknownName("split", name, names, { where: root, code: "dataset" });
  const files = splits.get(name)!;
  if (!single) checkShards(root, files);
  return { name, files };
}
