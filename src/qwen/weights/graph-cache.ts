/**
 * Encoded graphs in Lintel's cache. An entry's name is a hash of everything that determines its bytes: the version of the
 * package, the code of the rooms that build graphs (the running files: sources or build), the graph's description, and
 * the location of the weights. Entries are therefore never out of date and never have to be cleared.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDirectory, writeFileAtomic } from "../../formats/index.ts";
import {
  type Device,
  type EncodedGraph,
  encodeGraph,
  type Graph,
  packGraph,
  unpackGraph,
} from "../../graph/index.ts";
import { cacheDirectory, LintelError, lintelVersion } from "../../util/index.ts";

/** Rooms whose code determines a graph. */
const rooms = ["util", "formats", "graph", "nn", "qwen"];

/** Number of entries kept, the most recent ones. */
const KEPT = 64;

const isCode = (name: string): boolean => /\.(js|ts)$/.test(name) && !/\.(d|test|fixture)\.ts$/.test(name);

/**
 * A hash of the code that builds graphs. Null if it is not in separate files, as in a bundle, or if a file has changed
 * since this process started and may differ from the running code.
 */
async function codeHash(): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    for (const room of rooms) {
      const directory = fileURLToPath(new URL(`../../${room}/`, import.meta.url));
      const names = (await readdir(directory, { recursive: true })).filter(isCode).sort();
      // One after another: all at once would take more file descriptors than some machines grant.
      for (const name of names) {
        const path = join(directory, name);
        const [content, { mtimeMs }] = await Promise.all([readFile(path), stat(path)]);
        if (mtimeMs >= performance.timeOrigin) return null;
        hash.update(JSON.stringify([room, name, content.length])).update(content);
      }
    }
  } catch {
    return null;
  }
  return hash.digest("hex");
}

/** The entry name of a description; null if the code cannot be hashed. */
async function keyOf(description: unknown): Promise<string | null> {
  const code = await codeHash();
  if (code === null) return null;
  const key = JSON.stringify([lintelVersion(), code, description]);
  return createHash("sha256").update(key).digest("hex");
}

/** The entry, if it exists and is intact. */
async function read(path: string): Promise<EncodedGraph | null> {
  try {
    return unpackGraph(await readFile(path));
  } catch {
    return null; // the graph can be built again
  }
}

/** Removes all but the most recent entries. */
async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".graph"));
  if (names.length <= KEPT) return;
  const times = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = times.sort((a, b) => b.time - a.time).slice(KEPT);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { force: true })));
}

/**
 * The encoded graph of `build` for a device, from the cache if present. `description`: everything besides the code that
 * determines the graph, as JSON.
 *
 * Errors: those of `build` and `encodeGraph`. A cache that cannot be written is ignored.
 */
export async function cachedGraph(
  description: unknown,
  build: () => Graph,
  device: Device = "cpu",
): Promise<EncodedGraph> {
  const encode = (): Promise<EncodedGraph> => encodeGraph(build(), ".", device);
  const key = await keyOf([description, device]);
  if (key === null) return encode();
  const path = join(cacheDirectory(), "graphs", `${key}.graph`);
  const kept = await read(path);
  if (kept) return kept;
  const encoded = await encode();
  try {
    const directory = await ensureDirectory(join(cacheDirectory(), "graphs"));
    await writeFileAtomic(path, packGraph(encoded));
    await prune(directory);
  } catch (error) {
    if (!(error instanceof LintelError) && !(error as NodeJS.ErrnoException).code) throw error;
  }
  return encoded;
}
