/** Fetching one file into the cache: resumed where it was cut, believed only once its checksum is right. */
import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory, outputError } from "../formats/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { type ModelId, modelDirectory, snapshotDirectory } from "./cache.ts";
import { ATTEMPTS, type HubClient, PROGRESS, pauseBefore, unreachable } from "./client.ts";

/** What the Hub says of a file before it is fetched. */
export interface FileFacts {
  name: string;
  url: string;
  /** Name of the blob and its checksum: SHA-256 of large files, Git's SHA-1 of small ones. */
  etag: string;
  /** Bytes. */
  size: number;
}

const unquoted = (etag: string | null): string => (etag ?? "").replace(/^W\//, "").replaceAll('"', "");

/** Asks for the size and checksum of a file of a commit. Redirects within the Hub (renamed models) are followed. */
export async function factsOf(
  { settings, request }: HubClient,
  { repository }: ModelId,
  commit: string,
  name: string,
  signal?: AbortSignal,
): Promise<FileFacts> {
  const first = `${settings.endpoint}/${repository}/resolve/${commit}/${encodeURIComponent(name)}`;
  const answer = await request(first, { method: "HEAD", follow: "endpoint", ...(signal && { signal }) });
  await answer.cancel();
  const { headers, url } = answer;
  const etag = unquoted(headers.get("x-linked-etag") ?? headers.get("etag"));
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
  const known = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(etag) && Number.isSafeInteger(size) && size >= 0;
  ensure(known, "runtime", () => ({
    where: url,
    expected: "a checksum (ETag) and a size of the file",
    got: `ETag ${JSON.stringify(etag.slice(0, 100))}, size ${size}`,
    attempt: "an endpoint that speaks the Hub's protocol",
  }));
  return { name, url, etag, size };
}

const hashOf = ({ etag, size }: FileFacts): Hash =>
  etag.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);

/** The checksum of a file, in the way of its ETag. */
async function sumOf(path: string, facts: FileFacts): Promise<string> {
  const hash = hashOf(facts);
  const file = await open(path, "r");
  for await (const piece of file.createReadStream()) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/**
 * One attempt at what is missing of a file of which `have` bytes are there. A server that answers with the whole file is
 * read from its start. Whatever ends the attempt, what has come stays.
 */
async function append(
  path: string,
  have: number,
  facts: FileFacts,
  { request }: HubClient,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<{ cause: unknown }> {
  const answer = await request(facts.url, {
    headers: have > 0 ? { range: `bytes=${have}-` } : {},
    ...(signal && { signal }),
  });
  const continued =
    have > 0 &&
    answer.status === 206 &&
    answer.headers.get("content-range")?.startsWith(`bytes ${have}-`) === true;
  if (!continued && (have > 0 || answer.status !== 200)) {
    onBytes(-have);
    have = 0;
    if (answer.status !== 200) {
      await answer.cancel();
      await rm(path, { force: true });
      return { cause: new Error(`an answer of status ${answer.status} to a request for a part`) };
    }
  }
  const file = await open(path, continued ? "a" : "w").catch((error: unknown) => {
    throw outputError(path, error);
  });
  let length = have;
  try {
    for await (const piece of answer.pieces()) {
      length += piece.length;
      // More than there is would never end; the checksum could not be right either.
      ensure(length <= facts.size, "runtime", () => ({
        where: facts.url,
        expected: `${facts.size} bytes`,
        got: "more",
      }));
      await file.writeFile(piece).catch((error: unknown) => {
        throw outputError(path, error);
      });
      onBytes(piece.length);
    }
    return { cause: new Error("the end of the answer") };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LintelError) throw error;
    return { cause: error };
  } finally {
    await file.close();
  }
}

/**
 * Brings a file into `blobs`. Errors: "runtime" where the connection broke too often or the checksum is wrong; a wrong
 * file is removed, one that is cut off is kept and gone on with by the next call.
 */
async function fetchBlob(
  blobs: string,
  facts: FileFacts,
  client: HubClient,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const blob = join(blobs, facts.etag);
  if (existsSync(blob)) {
    onBytes(facts.size);
    return blob;
  }
  const path = `${blob}.incomplete`;
  const length = async (): Promise<number> => (existsSync(path) ? (await stat(path)).size : 0);
  if ((await length()) > facts.size) await rm(path);
  let have = await length();
  onBytes(have);
  // Only attempts that bring nothing count, since a long file may be cut many times; but what is brought anew is nothing.
  let furthest = have;
  for (let failed = 0; have !== facts.size || !existsSync(path); ) {
    const { cause } = await append(path, have, facts, client, onBytes, signal);
    have = await length();
    if (have === facts.size) break;
    failed = have >= furthest + PROGRESS ? 0 : failed + 1;
    furthest = Math.max(furthest, have);
    if (failed >= ATTEMPTS) throw unreachable(client.settings, facts.url, cause, have);
    if (failed > 0) await sleep(pauseBefore(client.limits, failed), undefined, signal && { signal });
  }
  const sum = await sumOf(path, facts);
  if (sum !== facts.etag) {
    await rm(path, { force: true });
    throw new LintelError("runtime", {
      where: facts.url,
      expected: `bytes with the checksum ${facts.etag}`,
      got: `${sum}; the file was removed`,
      attempt: "the same command again",
    });
  }
  await rename(path, blob);
  return blob;
}

/** Fetches a file of a commit and links it into the snapshot. */
export async function fetchFile(
  client: HubClient,
  id: ModelId,
  commit: string,
  facts: FileFacts,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const blobs = await ensureDirectory(join(modelDirectory(client.settings.cache, id), "blobs"));
  const snapshot = await ensureDirectory(snapshotDirectory(client.settings.cache, id, commit));
  const blob = await fetchBlob(blobs, facts, client, onBytes, signal);
  const link = join(snapshot, facts.name);
  const target = relative(snapshot, blob);
  const before = await readlink(link).catch(() => null);
  if (before === target) return;
  await rm(link, { force: true });
  await symlink(target, link).catch((error: unknown) => {
    throw outputError(link, error);
  });
}
