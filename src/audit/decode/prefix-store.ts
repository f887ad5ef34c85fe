/** Stores prefixes between the passes of an audit: in memory, and on disk when memory is full. */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openScratch } from "../../formats/index.ts";
import type { Value } from "../../graph/index.ts";
import type { PrefixCache } from "../../qwen/index.ts";
import type { Engine, SharedPrefix } from "../../reasoning/index.ts";
import { ensure } from "../../util/index.ts";

/** Bytes of keys and values kept in memory: memory of an audit should not grow with its examples. */
export const IN_MEMORY = 16 * 2 ** 20;
/** The same in the memory of an engine that runs elsewhere; the oldest give way. */
const ELSEWHERE = 8 * 2 ** 30;

interface PrefixStore {
  /** A prefix that was put, the same to the bit; undefined where there is none. */
  get(batch: number): Promise<SharedPrefix | undefined>;
  put(batch: number, shared: SharedPrefix): Promise<void>;
  /** Removes what lies on disk. */
  release(): Promise<void>;
}

const bytesOf = ({ data }: Value): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A prefix whose keys and values are in this process. */
type Here = SharedPrefix<PrefixCache>;
const cachesOf = ({ prefix }: Here): Value[] => [...prefix.k, ...prefix.v];

/** What is kept of a prefix on disk: all but its keys and values. */
interface Spilled {
  path: string;
  shell: Here;
  /** Of each cache in order, keys first: an empty array of its type, for its constructor, and its length. */
  caches: { value: Value; length: number }[];
}

/** The array of a spilled cache, to be read into. */
function emptyLike({ data }: Value, length: number): Value["data"] {
  const make = data.constructor as new (length: number) => Value["data"];
  return new make(length);
}

/**
 * A store of prefixes. The first `inMemory` bytes stay in memory; the others are written to a directory of their own
 * under `directory`, because decoding a prefix again costs more than all its continuations. Where the disk is full, or the
 * directory cannot be written to, they are not kept, and have to be decoded again.
 *
 * @example
 * const store = createPrefixStore();
 * await store.get(0); // undefined
 * await store.release();
 */
export function createPrefixStore({
  directory = tmpdir(),
  inMemory = IN_MEMORY,
  elsewhere = ELSEWHERE,
  drop = () => Promise.resolve(),
}: {
  directory?: string;
  inMemory?: number;
  /** Bytes of prefixes that an engine keeps, and what lets go of one. */
  elsewhere?: number;
  drop?: Engine["drop"];
} = {}): PrefixStore {
  const kept = new Map<number, SharedPrefix>();
  const shells = openScratch<Spilled>({ inMemory: 0, directory, recent: 1 });
  const spilled = new Map<number, number>();
  let bytes = 0;
  let place: string | null = null;
  let full = false;
  /** The last one read: accesses to a batch follow each other. */
  let last: { batch: number; shared: Here } | null = null;

  /** Those of an engine elsewhere, the one used last at the end. */
  const remote = new Map<number, SharedPrefix>();

  async function spill(batch: number, shared: Here): Promise<void> {
    place ??= await mkdtemp(join(directory, "lintel-prefixes-"));
    const path = join(place, String(batch));
    const caches = cachesOf(shared);
    const file = await open(path, "w", 0o600);
    try {
      for (const cache of caches) await file.writeFile(bytesOf(cache));
    } finally {
      await file.close();
    }
    const none = (value: Value): Value => ({ ...value, data: emptyLike(value, 0) });
    const { prefix, rows } = shared;
    const shell = {
      path,
      shell: { prefix: { ...prefix, k: prefix.k.map(none), v: prefix.v.map(none) }, rows },
      caches: caches.map((value) => ({ value: none(value), length: value.data.length })),
    };
    spilled.set(batch, shells.put(shell, 1));
  }

  return {
    async get(batch) {
      const known = kept.get(batch) ?? remote.get(batch);
      if (remote.delete(batch)) remote.set(batch, known!);
      if (known) return known;
      if (last?.batch === batch) return last.shared;
      const place = spilled.get(batch);
      if (place === undefined) return undefined;
      const there = shells.get(place);
      const file = await open(there.path, "r");
      try {
        const values: Value[] = [];
        for (const { value, length } of there.caches) {
          const read = { ...value, data: emptyLike(value, length) };
          const { bytesRead } = await file.read(bytesOf(read), 0, read.data.byteLength);
          ensure(bytesRead === read.data.byteLength, "runtime", () => ({
            where: there.path,
            expected: "the keys and values that were written there",
            got: "a shorter file",
            attempt: "leaving the directory of temporary files alone while an audit runs",
          }));
          values.push(read);
        }
        const { prefix, rows } = there.shell;
        const layers = prefix.k.length;
        last = {
          batch,
          shared: { prefix: { ...prefix, k: values.slice(0, layers), v: values.slice(layers) }, rows },
        };
        return last.shared;
      } finally {
        await file.close();
      }
    },
    async put(batch, given) {
      if (given.prefix.remoteBytes !== undefined) {
        remote.set(batch, given);
        let total = [...remote.values()].reduce((sum, { prefix }) => sum + prefix.remoteBytes!, 0);
        for (const [old, { prefix }] of remote) {
          if (total <= elsewhere || old === batch) break;
          remote.delete(old);
          total -= prefix.remoteBytes!;
          await drop(prefix);
        }
        return;
      }
      const shared = given as Here;
      const size = cachesOf(shared).reduce((sum, { data }) => sum + data.byteLength, 0);
      if (bytes + size <= inMemory) {
        kept.set(batch, shared);
        bytes += size;
        return;
      }
      if (full) return;
      try {
        await spill(batch, shared);
      } catch (error) {
        // The audit goes on without, whatever the system says of the place: what is not kept is decoded again.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        full = true;
        if (place) await rm(join(place, String(batch)), { force: true });
      }
    },
    async release() {
      for (const { prefix } of remote.values()) await drop(prefix);
      remote.clear();
      kept.clear();
      spilled.clear();
      last = null;
      if (place) await rm(place, { recursive: true, force: true });
      place = null;
    },
  };
}
