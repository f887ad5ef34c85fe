/** Fetching one file into the cache: resumed where it was cut, believed only once its checksum is right. */
import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureDirectory, outputError } from "../formats/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { type ModelId, modelDirectory, snapshotDirectory } from "./cache.ts";
import { ATTEMPTS, pauseBefore, request, unreachable } from "./request.ts";
import type { HubSettings } from "./settings.ts";

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
  settings: HubSettings,
  { repository }: ModelId,
  commit: string,
  name: string,
  signal?: AbortSignal,
): Promise<FileFacts> {
  const first = `${settings.endpoint}/${repository}/resolve/${commit}/${encodeURIComponent(name)}`;
  const options = { method: "HEAD", redirect: "manual", headers: { "accept-encoding": "identity" } } as const;
  let url = first;
  let response = await request(url, settings, { ...options, ...(signal && { signal }) });
  for (let hops = 0; hops < 5; hops++) {
    const to = response.headers.get("location");
    if (response.status < 300 || !to?.startsWith("/")) break;
    url = new URL(to, url).href;
    response = await request(url, settings, { ...options, ...(signal && { signal }) });
  }
  const { headers } = response;
  const etag = unquoted(headers.get("x-linked-etag") ?? headers.get("etag"));
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
  ensure(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(etag) && Number.isSafeInteger(size), "runtime", () => ({
    where: url,
    expected: "a checksum (ETag) and a size of the file",
    got: `ETag ${JSON.stringify(etag)}, size ${size}`,
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

/** Appends what is missing of a file; a connection that breaks leaves what has come. Returns bytes written. */
async function append(
  path: string,
  have: number,
  facts: FileFacts,
  settings: HubSettings,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<"whole" | "cut" | "anew"> {
  const response = await request(facts.url, settings, {
    headers: { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) },
    ...(signal && { signal }),
  });
  const continued = have > 0 && response.status === 206;
  if (have > 0 && (!continued || !response.headers.get("content-range")?.startsWith(`bytes ${have}-`))) {
    await response.body?.cancel();
    return "anew";
  }
  let length = have;
  const file = await open(path, "a").catch((error: unknown) => {
    throw outputError(path, error);
  });
  try {
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
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
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LintelError) throw error;
    return "cut";
  } finally {
    await file.close();
  }
  return length === facts.size ? "whole" : "cut";
}

/**
 * Brings a file into `blobs`. Errors: "runtime" where the connection broke too often or the checksum is wrong; a wrong
 * file is removed, one that is cut off is kept and gone on with by the next call.
 */
async function fetchBlob(
  blobs: string,
  facts: FileFacts,
  settings: HubSettings,
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
  onBytes(Math.min(have, facts.size));
  for (let broken = 0; have !== facts.size || !existsSync(path); ) {
    const end = await append(path, have, facts, settings, onBytes, signal);
    if (end === "anew") await rm(path, { force: true });
    const now = await length();
    // Only attempts that brought nothing count: a long file may be cut many times.
    broken = now > have ? 0 : broken + 1;
    if (end === "anew") onBytes(-have);
    have = now;
    if (end === "whole") break;
    if (broken >= ATTEMPTS)
      throw unreachable(facts.url, new Error(`a connection that broke off at byte ${have}`));
    if (broken > 0) await sleep(pauseBefore(broken), undefined, signal && { signal });
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
  settings: HubSettings,
  id: ModelId,
  commit: string,
  facts: FileFacts,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const blobs = await ensureDirectory(join(modelDirectory(settings.cache, id), "blobs"));
  const snapshot = await ensureDirectory(snapshotDirectory(settings.cache, id, commit));
  const blob = await fetchBlob(blobs, facts, settings, onBytes, signal);
  const link = join(snapshot, facts.name);
  const target = relative(snapshot, blob);
  const before = await readlink(link).catch(() => null);
  if (before === target) return;
  await rm(link, { force: true });
  await symlink(target, link).catch((error: unknown) => {
    throw outputError(link, error);
  });
}
