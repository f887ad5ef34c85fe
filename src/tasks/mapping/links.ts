/** Which links of a dataset may be followed: those that stay within it, or within its repository in a Hub cache. */
import { readdir, readFile, realpath } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { LintelError } from "../../util/index.ts";

const repository = /^(datasets|models|spaces)--./;

const within = (base: string, path: string): boolean => {
  const inside = relative(base, path);
  return inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside));
};

/** Directories whose files belong to a dataset: its own, and of a Hub cache the repository's `blobs`. Links are resolved. */
export type Territory = readonly string[];

/**
 * The territory of a dataset directory. `datasets--OWNER--NAME/snapshots/REVISION` holds nothing but links to
 * `datasets--OWNER--NAME/blobs`, which belong to it. Throws the system's error where there is no such directory.
 */
export async function territoryOf(root: string): Promise<Territory> {
  const base = await realpath(root);
  const parts = base.split(sep);
  const at = parts.lastIndexOf("snapshots");
  if (at < 1 || at + 1 >= parts.length || !repository.test(parts[at - 1]!)) return [base];
  return [base, join(parts.slice(0, at).join(sep) || sep, "blobs")];
}

/** Whether a path, its links resolved, is within a territory. */
export const belongs = (territory: Territory, path: string): boolean =>
  territory.some((base) => within(base, path));

/**
 * The snapshot to read where a path is a repository's folder of a Hub cache: that of the branch `main`, or the only one. Other
 * paths as they are. Throws `LintelError` "dataset" where there are several snapshots and no `main`.
 */
export async function snapshotOf(path: string): Promise<string> {
  if (!repository.test(basename(path))) return path;
  const snapshots = await readdir(join(path, "snapshots")).catch(() => null);
  if (snapshots === null) return path;
  const main = await readFile(join(path, "refs", "main"), "utf8").catch(() => "");
  const chosen = snapshots.includes(main.trim())
    ? main.trim()
    : snapshots.length === 1
      ? snapshots[0]
      : undefined;
  if (chosen !== undefined) return join(path, "snapshots", chosen);
  throw new LintelError("dataset", {
    where: path,
    expected: "one snapshot, or a branch main",
    got: snapshots.length === 0 ? "none" : `the snapshots ${snapshots.join(", ")}`,
    attempt: "the path of one of them",
  });
}
