/** Resolves the value of --model to a directory. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ensureDirectory, readJson, writeFileAtomic } from "../formats/index.ts";
import { ensure, LintelError, lockDirectory, type OnProgress } from "../util/index.ts";
import { type FileMetadata, fetchFile, metadataOf } from "./blob.ts";
import {
  cachedCommit,
  INDEX,
  isCommit,
  type ModelId,
  missingFiles,
  modelDirectory,
  parseModelId,
  SINGLE,
  SMALL_FILES,
  shardsOf,
  snapshotDirectory,
} from "./cache.ts";
import { type HubClient, openClient, textOf } from "./client.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

interface ResolveOptions {
  /** Download missing files; default: use the cache only. */
  download?: boolean;
  settings?: HubSettings;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Maximum bytes of a listing; the largest repositories of the Hub have a few megabytes. */
const LISTING = 32e6;

/** Maximum bytes of a file other than weights; a tokenizer has about ten megabytes. */
const SMALL = 256e6;

/** Seconds to wait for another download of the same model. */
const PATIENCE = 3600;

/** Commit and file names of a revision from the Hub. */
async function listed(
  client: HubClient,
  { repository, revision }: ModelId,
  signal?: AbortSignal,
): Promise<{ commit: string; names: string[] }> {
  const url = `${client.settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const answer = await client.request(url, signal && { signal });
  const text = await textOf(client, answer, LISTING, signal);
  const { sha, siblings } = Object(parsed(text)) as { sha?: unknown; siblings?: unknown };
  const names = Array.isArray(siblings) ? siblings.map((each) => Object(each).rfilename as unknown) : null;
  const valid = typeof sha === "string" && isCommit(sha) && names?.every((name) => typeof name === "string");
  ensure(valid, "runtime", () => ({
    where: url,
    expected: "the commit and the files of a model",
    got: "something else",
    attempt: "an endpoint with the Hub's API",
  }));
  ensure(!isCommit(revision) || sha === revision, "runtime", () => ({
    where: url,
    expected: `the commit ${revision}`,
    got: sha,
    attempt: "another HF_ENDPOINT",
  }));
  return { commit: sha, names: names as string[] };
}

/** Parsed JSON; undefined if it is invalid. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function download(settings: HubSettings, id: ModelId, options: ResolveOptions): Promise<string> {
  const client = await openClient(settings);
  try {
    return await downloadWith(client, id, options);
  } finally {
    await client.close();
  }
}

/** Whether a snapshot has all files that would be downloaded. */
async function isComplete(snapshot: string, names: ReadonlySet<string>): Promise<boolean> {
  if (!existsSync(snapshot) || (await missingFiles(snapshot)).length > 0) return false;
  return SMALL_FILES.every((name) => !names.has(name) || existsSync(join(snapshot, name)));
}

async function downloadWith(client: HubClient, id: ModelId, options: ResolveOptions): Promise<string> {
  const { settings } = client;
  const { onProgress, signal } = options;
  const { commit, names } = await listed(client, id, signal);
  const has = new Set(names);
  const snapshot = snapshotDirectory(settings.cache, id, commit);
  ensure(has.has(SINGLE) || has.has(INDEX), "checkpoint", () => ({
    where: id.repository,
    expected: `${SINGLE} or ${INDEX}`,
    got: names.some((name) => name.endsWith(".bin"))
      ? "PyTorch pickles, which can run code when they are read"
      : `${names.length} other files`,
  }));
  if ((await isComplete(snapshot, has)) && (await cachedCommit(settings.cache, id)) === commit)
    return snapshot;
  const label = `download ${id.repository}`;
  let [done, total] = [0, 0];
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
  const report = (bytes: number): void => {
    done += bytes;
    // an event with done = total ends the bar and is sent only when all files are complete
    onProgress?.({
      label,
      done: Math.max(0, Math.min(megabytes(done), megabytes(total) - 1)),
      total: megabytes(total),
      unit: "MB",
    });
  };
  const fetchAll = async (wanted: readonly string[], largest = Number.MAX_SAFE_INTEGER): Promise<void> => {
    const files: FileMetadata[] = [];
    for (const name of wanted) files.push(await metadataOf(client, id, commit, name, signal));
    for (const { name, size, url } of files) {
      ensure(size <= largest, "runtime", () => ({
        where: url,
        expected: `a ${name} of at most ${largest} bytes`,
        got: `${size}`,
      }));
      total += size;
    }
    for (const file of files) await fetchFile(client, id, commit, file, report, signal);
  };
  const lock = await lockDirectory(await ensureDirectory(modelDirectory(settings.cache, id)), {
    wait: PATIENCE,
    signal,
  });
  try {
    await fetchAll(
      SMALL_FILES.filter((name) => has.has(name)),
      SMALL,
    );
    if (has.has(SINGLE)) await fetchAll([SINGLE]);
    else {
      await fetchAll([INDEX], SMALL);
      const index = await readJson(join(snapshot, INDEX), {
        expected: "an index of shards",
        attempt: "another revision: the index on the Hub is invalid",
      });
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
 * The directory of a model: an existing directory unchanged, or the snapshot of `org/name[@revision]` in the Hub cache,
 * which is shared with Python. Files are downloaded only with `download`, with resumption and checksum verification.
 *
 * Errors: "checkpoint" for a name that is neither, "input" for a model that is not in the cache or on the Hub, "runtime" for an unreachable Hub or corrupt data,
 * "output" if the cache cannot be written.
 */
export async function resolveModel(name: string, options: ResolveOptions = {}): Promise<string> {
  if (existsSync(name)) return name;
  const id = parseModelId(name);
  ensure(id, "checkpoint", () => ({
    where: name,
    expected: "a checkpoint directory, or org/name of a model of the Hugging Face Hub",
    got: "a path that does not exist",
  }));
  const settings = options.settings ?? hubSettings();
  if (options.download && !settings.offline) return download(settings, id, options);
  const commit = await cachedCommit(settings.cache, id);
  const snapshot = commit && snapshotDirectory(settings.cache, id, commit);
  const missing = snapshot && existsSync(snapshot) ? await missingFiles(snapshot) : null;
  if (snapshot && missing?.length === 0) return snapshot;
  throw new LintelError("input", {
    where: name,
    id: "E_NOT_CACHED",
    expected: "a directory, or a model in the Hub cache",
    got: missing
      ? `a snapshot without ${missing.join(", ")} in ${snapshot}`
      : `no directory ${resolve(name)}, and no such model in ${settings.cache}`,
    attempt: settings.offline
      ? "--download, without HF_HUB_OFFLINE"
      : `another path; or --download, if it is a model of ${settings.endpoint}`,
  });
}
