/** From what a user writes behind --model to a directory. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureDirectory, writeFileAtomic } from "../formats/index.ts";
import { ensure, LintelError, lockDirectory, type OnProgress } from "../util/index.ts";
import { factsOf, fetchFile } from "./blob.ts";
import {
  cachedCommit,
  INDEX,
  isCommit,
  lackingIn,
  type ModelId,
  modelDirectory,
  parseModelId,
  SINGLE,
  SMALL_FILES,
  shardsOf,
  snapshotDirectory,
} from "./cache.ts";
import { request } from "./request.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

export interface ResolveOptions {
  /** Whether the network may be used. Without, only what is in the cache is found. */
  download?: boolean;
  settings?: HubSettings;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Commit and file names of a revision, as the Hub lists them. */
async function listed(
  settings: HubSettings,
  { repository, revision }: ModelId,
  signal?: AbortSignal,
): Promise<{ commit: string; names: string[] }> {
  const url = `${settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const response = await request(url, settings, signal && { signal });
  const json = (await response.json().catch(() => null)) as {
    sha?: unknown;
    siblings?: { rfilename?: unknown }[];
  } | null;
  const commit = json?.sha;
  const names = (Array.isArray(json?.siblings) ? json.siblings : []).map(({ rfilename }) =>
    String(rfilename),
  );
  ensure(typeof commit === "string" && isCommit(commit), "runtime", () => ({
    where: url,
    expected: "the commit and the files of a model",
    got: "something else",
    attempt: "an endpoint that speaks the Hub's protocol",
  }));
  return { commit, names };
}

async function download(settings: HubSettings, id: ModelId, options: ResolveOptions): Promise<string> {
  const { onProgress, signal } = options;
  const { commit, names } = await listed(settings, id, signal);
  const has = new Set(names);
  const snapshot = snapshotDirectory(settings.cache, id, commit);
  ensure(has.has(SINGLE) || has.has(INDEX), "checkpoint", () => ({
    where: id.repository,
    expected: `${SINGLE} or ${INDEX}`,
    got: names.some((name) => name.endsWith(".bin"))
      ? "PyTorch pickles, which can run code when they are read"
      : `${names.length} other files`,
  }));
  const label = `download ${id.repository}`;
  let [done, total] = [0, 0];
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
  const report = (bytes: number): void => {
    done += bytes;
    // The event in which both are equal ends the bar: that one is sent when everything is there.
    onProgress?.({
      label,
      done: Math.max(0, Math.min(megabytes(done), megabytes(total) - 1)),
      total: megabytes(total),
      unit: "MB",
    });
  };
  const fetchAll = async (wanted: readonly string[]): Promise<void> => {
    const facts = [];
    for (const name of wanted) facts.push(await factsOf(settings, id, commit, name, signal));
    for (const { size } of facts) total += size;
    for (const fact of facts) await fetchFile(settings, id, commit, fact, report, signal);
  };
  const lock = await lockDirectory(await ensureDirectory(modelDirectory(settings.cache, id)));
  try {
    await fetchAll(SMALL_FILES.filter((name) => has.has(name)));
    if (has.has(SINGLE)) await fetchAll([SINGLE]);
    else {
      await fetchAll([INDEX]);
      const index = JSON.parse(await readFile(join(snapshot, INDEX), "utf8")) as unknown;
      await fetchAll(shardsOf(index, join(snapshot, INDEX)));
    }
    if (!isCommit(id.revision)) {
      const ref = join(modelDirectory(settings.cache, id), "refs", id.revision);
      await ensureDirectory(dirname(ref));
      await writeFileAtomic(ref, commit);
    }
  } finally {
    lock.release();
  }
  onProgress?.({ label, done: megabytes(total), total: megabytes(total), unit: "MB" });
  return snapshot;
}

/**
 * The directory of a model: a directory as it is, or `org/name[@revision]` from the Hub's cache, which is shared with
 * Python. Nothing is fetched unless `download` says so; what is fetched goes on where it was cut off, and is checked
 * against the Hub's checksums. What looks like a path and is not there comes back as it is.
 *
 * Errors: "input" for a model that is not in the cache or not on the Hub, "runtime" for a Hub that cannot be reached or
 * gives wrong bytes, "output" where the cache cannot be written.
 *
 * @example
 * const settings = { cache: "no-cache", endpoint: "http://localhost", token: null, offline: true };
 * await resolveModel("."); // "."
 * const error = await resolveModel("org/name", { settings }).catch((error) => error);
 * error.code; // "input": it is not in the cache
 */
export async function resolveModel(name: string, options: ResolveOptions = {}): Promise<string> {
  if (existsSync(name)) return name;
  const id = parseModelId(name);
  if (!id) return name;
  const settings = options.settings ?? hubSettings();
  if (options.download && !settings.offline) return download(settings, id, options);
  const commit = await cachedCommit(settings.cache, id);
  const snapshot = commit && snapshotDirectory(settings.cache, id, commit);
  const lacking = snapshot && existsSync(snapshot) ? await lackingIn(snapshot) : null;
  if (snapshot && lacking?.length === 0) return snapshot;
  throw new LintelError("input", {
    where: name,
    expected: "a directory, or a model of the Hub that is in its cache",
    got: lacking
      ? `one without ${lacking.join(", ")} in ${snapshot}`
      : `neither; ${settings.cache} was looked through`,
    attempt: settings.offline
      ? "without HF_HUB_OFFLINE, and with --download"
      : `--download, which fetches it from ${settings.endpoint}`,
  });
}
