/** Downloads of single files into the cache, with resumption and checksum verification. */
import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory, outputError } from "../formats/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { type ModelId, modelDirectory, snapshotDirectory } from "./cache.ts";
import { ATTEMPTS, type HubClient, PROGRESS, pauseBefore, unreachable } from "./client.ts";

/** Metadata of a file on the Hub. */
export interface FileMetadata {
  name: string;
  url: string;
  /** Name of the blob and its checksum: SHA-256 of large files, Git's SHA-1 of small ones. */
  etag: string;
  /** Bytes. */
  size: number;
}

const unquoted = (etag: string | null): string => (etag ?? "").replace(/^W\//, "").replaceAll('"', "");

/** Requests size and checksum of a file of a commit. Redirects within the Hub (renamed models) are followed. */
export async function metadataOf(
  { settings, request }: HubClient,
  { repository }: ModelId,
  commit: string,
  name: string,
  signal?: AbortSignal,
): Promise<FileMetadata> {
  const first = `${settings.endpoint}/${repository}/resolve/${commit}/${encodeURIComponent(name)}`;
  const answer = await request(first, { method: "HEAD", follow: "endpoint", signal });
  await answer.cancel();
  const { headers, url } = answer;
  const etag = unquoted(headers.get("x-linked-etag") ?? headers.get("etag"));
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
  const known = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(etag) && Number.isSafeInteger(size) && size >= 0;
  ensure(known, "runtime", () => ({
    where: url,
    expected: "a checksum (ETag) and a size of the file",
    got: `ETag ${JSON.stringify(etag.slice(0, 100))}, size ${size}`,
    attempt: "an endpoint with the Hub's API",
  }));
  return { name, url, etag, size };
}

const hashOf = ({ etag, size }: FileMetadata): Hash =>
  etag.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);

/** The checksum of a file, of the same kind as its ETag. */
async function checksumOf(path: string, metadata: FileMetadata): Promise<string> {
  const hash = hashOf(metadata);
  const file = await open(path, "r");
  for await (const chunk of file.createReadStream()) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/**
 * One attempt to download the rest of a file after `have` bytes. If the server sends the full file, it is read from the
 * start. Received bytes are kept however the attempt ends.
 */
async function append(
  path: string,
  have: number,
  metadata: FileMetadata,
  { request }: HubClient,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<{ cause: unknown }> {
  const answer = await request(metadata.url, {
    headers: have > 0 ? { range: `bytes=${have}-` } : {},
    signal,
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
      return { cause: new Error(`status ${answer.status} for a range request`) };
    }
  }
  const file = await open(path, continued ? "a" : "w").catch((error: unknown) => {
    throw outputError(path, error);
  });
  let length = have;
  try {
    for await (const chunk of answer.pieces()) {
      length += chunk.length;
      // an endless response; the checksum could not match either
      ensure(length <= metadata.size, "runtime", () => ({
        where: metadata.url,
        expected: `${metadata.size} bytes`,
        got: "more",
      }));
      await file.writeFile(chunk).catch((error: unknown) => {
        throw outputError(path, error);
      });
      onBytes(chunk.length);
    }
    return { cause: new Error("the end of the response") };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LintelError) throw error;
    return { cause: error };
  } finally {
    await file.close();
  }
}

/**
 * Downloads a file into `blobs`. Errors: "runtime" if the connection breaks too often or the checksum is wrong. A corrupt
 * file is removed; a partial one is kept and resumed by the next call.
 */
async function fetchBlob(
  blobs: string,
  metadata: FileMetadata,
  client: HubClient,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const blob = join(blobs, metadata.etag);
  if (existsSync(blob)) {
    onBytes(metadata.size);
    return blob;
  }
  const path = `${blob}.incomplete`;
  const length = async (): Promise<number> => (existsSync(path) ? (await stat(path)).size : 0);
  if ((await length()) > metadata.size) await rm(path);
  let have = await length();
  onBytes(have);
  // only attempts without new bytes count, since a long file may be interrupted many times
  let furthest = have;
  for (let failed = 0; have !== metadata.size || !existsSync(path); ) {
    const { cause } = await append(path, have, metadata, client, onBytes, signal);
    have = await length();
    if (have === metadata.size) break;
    failed = have >= furthest + PROGRESS ? 0 : failed + 1;
    furthest = Math.max(furthest, have);
    if (failed >= ATTEMPTS) throw unreachable(client.settings, metadata.url, cause, have);
    if (failed > 0) await sleep(pauseBefore(client.limits, failed), undefined, signal && { signal });
  }
  const checksum = await checksumOf(path, metadata);
  if (checksum !== metadata.etag) {
    await rm(path, { force: true });
    throw new LintelError("runtime", {
      where: metadata.url,
      expected: `bytes with the checksum ${metadata.etag}`,
      got: `${checksum}; the file was removed`,
      attempt: "running the same command again",
    });
  }
  await rename(path, blob);
  return blob;
}

/** Downloads a file of a commit and links it into the snapshot. */
export async function fetchFile(
  client: HubClient,
  id: ModelId,
  commit: string,
  metadata: FileMetadata,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const blobs = await ensureDirectory(join(modelDirectory(client.settings.cache, id), "blobs"));
  const snapshot = await ensureDirectory(snapshotDirectory(client.settings.cache, id, commit));
  const blob = await fetchBlob(blobs, metadata, client, onBytes, signal);
  const link = join(snapshot, metadata.name);
  const target = relative(snapshot, blob);
  const before = await readlink(link).catch(() => null);
  if (before === target) return;
  await rm(link, { force: true });
  await symlink(target, link).catch((error: unknown) => {
    throw outputError(link, error);
  });
}
