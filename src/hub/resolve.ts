/** From what a user writes behind --model to a directory. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ensureDirectory, readJson, writeFileAtomic } from "../formats/index.ts";
import { ensure, LintelError, lockDirectory, type OnProgress } from "../util/index.ts";
import { type FileFacts, factsOf, fetchFile } from "./blob.ts";
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
import { type HubClient, openClient, textOf } from "./client.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

export interface ResolveOptions {
  /** Whether the network may be used. Without, only what is in the cache is found. */
  download?: boolean;
  settings?: HubSettings;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Bytes of a listing; the largest repositories of the Hub have a few megabytes. */
const LISTING = 32e6;

/** Bytes of a file besides the weights; a tokenizer has some ten megabytes. */
const SMALL = 256e6;

/** Seconds that another download of the same model is waited for. */
const PATIENCE = 3600;

/** Commit and file names of a revision, as the Hub lists them. */
async function listed(
  client: HubClient,
  { repository, revision }: ModelId,
  signal?: AbortSignal,
): Promise<{ commit: string; names: string[] }> {
  const url = `${client.settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const answer = await client.request(url, signal && { signal });
  const text = await textOf(client, answer, LISTING, signal);
  const json = listing.safeParse(parsed(text));
  ensure(json.success, "runtime", () => ({
    where: url,
    expected: "the commit and the files of a model",
    got: "something else",
    attempt: "an endpoint that speaks the Hub's protocol",
  }));
  return { commit: json.data.sha, names: json.data.siblings.map(({ rfilename }) => rfilename) };
}

const listing = z.looseObject({
  sha: z.string().refine(isCommit),
  siblings: z.array(z.looseObject({ rfilename: z.string() })),
});

/** The value of JSON; undefined for what is none. */
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

/** Whether a snapshot has all that would be fetched. */
async function isComplete(snapshot: string, names: ReadonlySet<string>): Promise<boolean> {
  if (!existsSync(snapshot) || (await lackingIn(snapshot)).length > 0) return false;
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
    // The event in which both are equal ends the bar: that one is sent when everything is there.
    onProgress?.({
      label,
      done: Math.max(0, Math.min(megabytes(done), megabytes(total) - 1)),
      total: megabytes(total),
      unit: "MB",
    });
  };
  const fetchAll = async (wanted: readonly string[], largest = Number.MAX_SAFE_INTEGER): Promise<void> => {
    const facts: FileFacts[] = [];
    for (const name of wanted) facts.push(await factsOf(client, id, commit, name, signal));
    for (const { name, size, url } of facts) {
      ensure(size <= largest, "runtime", () => ({
        where: url,
        expected: `a ${name} of at most ${largest} bytes`,
        got: `${size}`,
      }));
      total += size;
    }
    for (const fact of facts) await fetchFile(client, id, commit, fact, report, signal);
  };
  const lock = await lockDirectory(await ensureDirectory(modelDirectory(settings.cache, id)), {
    wait: PATIENCE,
    ...(signal && { signal }),
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
        attempt: "another revision: the Hub's own index is none",
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
 * The directory of a model: a directory as it is, or `org/name[@revision]` from the Hub's cache, which is shared with
 * Python. Nothing is fetched unless `download` says so; what is fetched goes on where it was cut off, and is checked
 * against the Hub's checksums. What looks like a path and is not there comes back as it is.
 *
 * Errors: "input" for a model that is not in the cache or not on the Hub, "runtime" for a Hub that cannot be reached or
 * gives wrong bytes, "output" where the cache cannot be written.
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
    id: "E_NOT_CACHED",
    expected: "a directory, or a model of the Hub that is in its cache",
    got: lacking
      ? `one without ${lacking.join(", ")} in ${snapshot}`
      : `neither; ${settings.cache} was looked through`,
    attempt: settings.offline
      ? "without HF_HUB_OFFLINE, and with --download"
      : `--download, which fetches it from ${settings.endpoint}`,
  });
}
