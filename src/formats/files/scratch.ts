/** Values that do not fit into memory: in a temporary file without a name, which is gone with the process. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

/** Values that are put once and read at any time; the file is closed when nobody holds them any more. */
interface Scratch<T> {
  /** Puts a value that takes about so many bytes in memory; its place counts from 0. */
  put(value: T, bytes: number): number;
  /** The value of a place. */
  get(place: number): T;
}

/** Closes the files of stores that nobody holds any more. */
const files = new FinalizationRegistry<() => void>((close) => close());

/** Bytes that are written together. */
const BLOCK = 1 << 20;

/**
 * An empty store: values up to `inMemory` bytes stay as they are, the others are copied (as by `structuredClone`) to a file
 * under `directory`. Where nothing can be written there, or the disk is full, they stay in memory as well.
 *
 * @example
 * const scratch = openScratch({ inMemory: 0 });
 * scratch.get(scratch.put({ a: Float32Array.of(1, 2) }, 8)).a; // Float32Array [1, 2]
 */
export function openScratch<T>({
  inMemory,
  directory = tmpdir(),
  recent: most = 256,
}: {
  inMemory: number;
  directory?: string;
  /** Values out of the file that are kept: those that were read last. */
  recent?: number;
}): Scratch<T> {
  const kept = new Map<number, T>();
  const recent = new Map<number, T>();
  /** Where the bytes of each place begin, and where the last ones end. */
  const starts = [0];
  /** Bytes that are not in the file yet, of places from `firstPending` on. */
  let pending: Uint8Array[] = [];
  let firstPending = 0;
  let [bytes, written, waiting] = [0, 0, 0];
  let file: number | null = null;
  let folder: string | undefined;
  let full = false;

  /** The file lives on while it is open, so that nothing is left behind however the process ends. */
  function open(): number {
    folder = mkdtempSync(join(directory, "lintel-values-"));
    const opened = openSync(join(folder, "values"), "wx+", 0o600);
    removeFolder();
    return opened;
  }

  function removeFolder(): void {
    try {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Windows removes no open file: it is tried again once it is closed.
    }
  }

  function writePending(): void {
    try {
      file ??= open();
      const block = Buffer.concat(pending);
      for (let at = 0; at < block.length; ) at += writeSync(file, block, at, block.length - at, written + at);
      written += block.length;
      firstPending += pending.length;
      pending = [];
      waiting = 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      full = true;
    }
  }

  function bytesOf(place: number): Uint8Array {
    if (place >= firstPending) return pending[place - firstPending]!;
    const data = Buffer.alloc(starts[place + 1]! - starts[place]!);
    readSync(file!, data, 0, data.length, starts[place]!);
    return data;
  }

  const scratch: Scratch<T> = {
    put(value, size) {
      const place = starts.length - 1;
      const stays = full || bytes + size <= inMemory;
      const data = stays ? new Uint8Array(0) : serialize(value);
      starts.push(starts[place]! + data.length);
      if (stays) {
        bytes += size;
        kept.set(place, value);
      }
      // Places of values that stay have no bytes, so that those of the file are found by number.
      if (stays && pending.length === 0) firstPending = place + 1;
      else if (!full) pending.push(data);
      waiting += data.length;
      if (waiting >= BLOCK && !full) writePending();
      return place;
    },
    get(place) {
      if (kept.has(place)) return kept.get(place)!;
      const value = recent.get(place) ?? (deserialize(bytesOf(place)) as T);
      recent.delete(place);
      recent.set(place, value);
      if (recent.size > most) recent.delete(recent.keys().next().value!);
      return value;
    },
  };
  files.register(scratch, () => {
    if (file !== null) closeSync(file);
    removeFolder();
  });
  return scratch;
}

/** Marks objects whose fields are in a store. */
const PLACE = Symbol("place in a store");

/**
 * Makes objects light: beyond `inMemory` bytes, the named `fields` are put into a store and read from there whenever they are
 * looked at. What is spread or copied of an object has its fields as before.
 *
 * @example
 * const light = lightened({ inMemory: 0, fields: ["image"] });
 * const object = light({ id: "1", image: Uint8Array.of(7) }, 1);
 * object.image; // Uint8Array [7]
 */
export function lightened<T extends object>({
  inMemory,
  fields,
}: {
  inMemory: number;
  fields: readonly (keyof T & string)[];
}): (whole: T, bytes: number) => T {
  const scratch = openScratch<Partial<T>>({ inMemory: 0 });
  // One getter for all objects of a field, so that they share their shape.
  const getters = new Map<string, PropertyDescriptor>(
    fields.map((field) => [
      field,
      {
        enumerable: true,
        configurable: true,
        get(this: { [PLACE]: number }) {
          return scratch.get(this[PLACE])[field];
        },
      },
    ]),
  );
  let used = 0;
  return (whole, bytes) => {
    used += bytes;
    if (used <= inMemory) return whole;
    const [light, heavy]: [Record<string, unknown>, Record<string, unknown>] = [{}, {}];
    for (const [key, value] of Object.entries(whole)) {
      const getter = getters.get(key);
      if (getter) {
        heavy[key] = value;
        Object.defineProperty(light, key, getter);
      } else light[key] = value;
    }
    Object.defineProperty(light, PLACE, { value: scratch.put(heavy as Partial<T>, bytes) });
    return light as T;
  };
}

/**
 * A copy without a field that is as light as the object was.
 *
 * @example
 * lightWithout({ a: 1, b: 2 }, "b"); // { a: 1 }
 */
export function lightWithout<T extends object, K extends keyof T & string>(object: T, field: K): Omit<T, K> {
  const { [field]: _, ...rest } = Object.getOwnPropertyDescriptors(object) as PropertyDescriptorMap;
  return Object.defineProperties({}, rest) as Omit<T, K>;
}
