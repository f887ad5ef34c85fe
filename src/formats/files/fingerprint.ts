/** What something was made from: digests of files and values, and what differs between two of them in words. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, LintelError } from "../../util/index.ts";
import { ensureDirectory } from "./atomic.ts";
import { readJson, writeJson } from "./json-document.ts";

/** Facts by name: digests, numbers, words. */
export type Facts = Readonly<Record<string, string | number | boolean>>;
/** Facts of everything that went in, by what it is: "model", "data", … */
export type Inputs = Readonly<Record<string, Facts>>;

/** Files from this size on are hashed once as long as they stay untouched. */
const LARGE = 64 << 20;
/** A file changed so shortly before it is hashed may be changed again within the same tick of the file system's clock. */
const SETTLED_MS = 2_000;

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(block as Buffer);
  return hash.digest("hex");
}

/**
 * SHA-256 of a file, in hexadecimal. That of a large file is kept in Lintel's cache with size, inode and both times of
 * the file (that of the last change of the inode cannot be set back): where all of them are the same it is not read again.
 *
 * Errors: "input" for a file that cannot be read.
 */
export async function sha256Of(path: string): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) throw new Error("something else than a file");
    const { size, ino, dev, mtimeNs, ctimeNs } = found;
    if (size < LARGE) return await hashOf(path);
    const seen = [dev, ino, size, mtimeNs, ctimeNs].join(" ");
    const folder = join(cacheDirectory(), "sha256");
    const note = join(
      folder,
      `${createHash("sha256").update(`${dev} ${ino}`).digest("hex").slice(0, 32)}.json`,
    );
    const known = (await readJson(note, { expected: "JSON", attempt: "deleting it" }).catch(() => null)) as {
      seen?: unknown;
      sha256?: unknown;
    } | null;
    if (known?.seen === seen && typeof known.sha256 === "string") return known.sha256;
    const sha256 = await hashOf(path);
    const settled = Date.now() - Number(ctimeNs / 1_000_000n) > SETTLED_MS;
    // A cache that cannot be written costs time and nothing else.
    if (settled) await keep(folder, note, { seen, sha256 }).catch(() => undefined);
    return sha256;
  } catch (cause) {
    throw new LintelError("input", {
      where: path,
      expected: "a readable file",
      got: (cause as Error).message,
      cause,
    });
  }
}

async function keep(folder: string, path: string, note: object): Promise<void> {
  await ensureDirectory(folder);
  await writeJson(path, note, 0);
}

/** SHA-256 of bytes, in hexadecimal. */
export const sha256OfBytes = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** JSON with sorted keys; bytes as their digest. Absent and undefined values are the same. */
function canonical(value: unknown): string {
  if (value instanceof Uint8Array) return `"sha256:${sha256OfBytes(value)}"`;
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  return JSON.stringify(value) ?? "null";
}

/**
 * SHA-256 of values (JSON, with bytes in it), whatever the order of keys. `values` are taken one by one.
 *
 * @example
 * digestOf([{ a: 1, b: new Uint8Array([2]) }]) === digestOf([{ b: new Uint8Array([2]), a: 1 }]); // true
 */
export function digestOf(values: Iterable<unknown>): string {
  const hash = createHash("sha256");
  for (const value of values) hash.update(canonical(value)).update("\n");
  return hash.digest("hex");
}

/** A value as errors show it: digests by their first digits, long texts cut. */
const shown = (value: string | number | boolean | undefined): string => {
  if (value === undefined) return "none";
  const text = String(value);
  if (/^[0-9a-f]{64}$/.test(text)) return `SHA-256 ${text.slice(0, 8)}…`;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

/**
 * What differs, a phrase each: name, what is recorded, what is requested now. None where everything is the same.
 *
 * @example
 * differences({ data: { examples: 50 } }, { data: { examples: 40 } }); // ["data: examples is 40, was 50"]
 */
export function differences(before: Inputs, now: Inputs): string[] {
  const groups = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...groups].flatMap((group) => {
    const [was, is] = [before[group], now[group]];
    if (!was || !is) return [`${group} is ${is ? "given" : "none"}, was ${was ? "given" : "none"}`];
    const names = new Set([...Object.keys(was), ...Object.keys(is)]);
    return [...names].flatMap((name) =>
      was[name] === is[name] ? [] : [`${group}: ${name} is ${shown(is[name])}, was ${shown(was[name])}`],
    );
  });
}
