import { type FileHandle, open } from "node:fs/promises";
import { ensure, LintelError } from "../util/index.ts";
import { openAtomic } from "./atomic.ts";
import { byteLength, dtypes, type Tensor, type TensorData } from "./safetensors-dtype.ts";
import {
  headerLength,
  largestHeader,
  parseSafetensorsHeader,
  type SafetensorsHeader,
} from "./safetensors-header.ts";

export {
  byteLength,
  type Dtype,
  float32,
  type Tensor,
  type TensorData,
  toFloat32,
} from "./safetensors-dtype.ts";
export { parseSafetensorsHeader, type SafetensorsHeader, type TensorEntry } from "./safetensors-header.ts";

function unreadable(path: string, cause: unknown): LintelError {
  const code = (cause as NodeJS.ErrnoException).code;
  return new LintelError("checkpoint", {
    where: path,
    expected: "a readable safetensors file",
    got:
      code === "ENOENT"
        ? "no such file"
        : code === "EISDIR"
          ? "a directory"
          : String((cause as Error).message),
    cause,
  });
}

/** Opens, runs, closes; system errors become `LintelError`s that name the file. */
async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, "r");
    const info = await handle.stat();
    ensure(info.isFile(), "checkpoint", () => ({
      where: path,
      expected: "a safetensors file",
      got: "a directory",
    }));
    return await use(handle, info.size);
  } catch (error) {
    throw error instanceof LintelError ? error : unreadable(path, error);
  } finally {
    await handle?.close();
  }
}

/** Fills `target` from `position` on. One system call reads less than 2 GiB, hence the loop. */
async function fill(handle: FileHandle, target: Uint8Array, position: number, path: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const wanted = Math.min(target.length - done, 1 << 30);
    const { bytesRead } = await handle.read(target, done, wanted, position + done);
    ensure(bytesRead > 0, "checkpoint", () => ({
      where: path,
      expected: `${target.length} bytes at ${position}`,
      got: `${done}: the file was cut short while it was read`,
    }));
    done += bytesRead;
  }
}

async function header(handle: FileHandle, size: number, path: string): Promise<SafetensorsHeader> {
  const first = new Uint8Array(Math.min(8, size));
  await fill(handle, first, 0, path);
  const bytes = new Uint8Array(headerLength(first, size, path));
  await fill(handle, bytes, 8, path);
  return parseSafetensorsHeader(bytes, size, path);
}

/**
 * Reads and validates the header of a safetensors file, and no data: which tensors, of which dtype and shape, at
 * which absolute file offset. Throws `LintelError` "checkpoint" naming the file and the tensor.
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * const path = `${mkdtempSync("/tmp/lintel-")}/w.safetensors`;
 * await writeSafetensors(path, new Map([["w", float32([2], new Float32Array([1, 2]))]]));
 * (await readSafetensorsHeader(path)).tensors.get("w")!.shape; // [2]
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (handle, size) => header(handle, size, path));
}

/**
 * Reads the tensors called `names` (all, if left out) in the order of the file, each into an array of its own.
 * Throws `LintelError` "checkpoint" for an invalid file or a name that is not in it.
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * const path = `${mkdtempSync("/tmp/lintel-")}/w.safetensors`;
 * await writeSafetensors(path, new Map([["w", float32([2], new Float32Array([1, 2]))]]));
 * (await readSafetensors(path, ["w"])).get("w")!.data; // Float32Array [1, 2]
 */
export async function readSafetensors(path: string, names?: Iterable<string>): Promise<Map<string, Tensor>> {
  return withFile(path, async (handle, size) => {
    const { tensors } = await header(handle, size, path);
    const wanted = names === undefined ? null : new Set(names);
    for (const name of wanted ?? []) {
      ensure(tensors.has(name), "checkpoint", () => ({
        where: path,
        expected: `a tensor ${JSON.stringify(name)}`,
        got: `${tensors.size} others`,
      }));
    }
    const result = new Map<string, Tensor>();
    for (const [name, entry] of tensors) {
      if (wanted && !wanted.has(name)) continue;
      const buffer = new ArrayBuffer(entry.length);
      await fill(handle, new Uint8Array(buffer), entry.offset, path);
      const data: TensorData = new dtypes[entry.dtype].array(buffer);
      result.set(name, { dtype: entry.dtype, shape: entry.shape, data });
    }
    return result;
  });
}

/** The reference writer's order: wide types first, so that every tensor is aligned; then by name. */
function inFileOrder(tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  const rank = Object.keys(dtypes);
  return [...tensors].sort(([a, x], [b, y]) => {
    return rank.indexOf(y.dtype) - rank.indexOf(x.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b));
  });
}

function describe(
  path: string,
  ordered: [string, Tensor][],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // built as text: an object would move keys that look like integers to the front, and lose "__proto__"
  const parts: string[] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length) {
    const entries = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
    parts.push(`"__metadata__":{${entries.join(",")}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const bytes = byteLength(dtype, shape);
    ensure(bytes === data.byteLength && data instanceof dtypes[dtype].array, "output", () => ({
      where: `${path}: tensor ${JSON.stringify(name)}`,
      expected: `a ${dtypes[dtype].array.name} of ${bytes} bytes for ${shape.join("×") || "a scalar"} of ${dtype}`,
      got: `a ${data.constructor.name} of ${data.byteLength} bytes`,
    }));
    ensure(name !== "__metadata__" && !/\p{Surrogate}/u.test(name), "output", () => ({
      where: path,
      expected: "tensor names of valid Unicode other than __metadata__",
      got: JSON.stringify(name),
    }));
    const begin = end;
    end += bytes;
    parts.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
    );
  }
  const text = new TextEncoder().encode(`{${parts.join(",")}}`);
  // the data must begin at a multiple of eight bytes; the format pads with spaces
  const length = Math.ceil(text.length / 8) * 8;
  ensure(length <= largestHeader, "output", () => ({
    where: path,
    expected: `a header of at most ${largestHeader} bytes`,
    got: String(length),
  }));
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

/**
 * Writes tensors to a safetensors file: first beside it, then renamed, so that a crash leaves the old file or the
 * new one. Equal tensors and metadata give equal bytes, and the same as the reference writer's (for at most one
 * metadata entry, whose order it does not fix). Throws `LintelError` "output".
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * const path = `${mkdtempSync("/tmp/lintel-")}/w.safetensors`;
 * await writeSafetensors(path, new Map([["w", float32([2], new Float32Array([1, 2]))]]), { format: "pt" });
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = inFileOrder(tensors);
  const head = describe(path, ordered, metadata);
  const file = await openAtomic(path);
  await file.write(head);
  for (const [, { data }] of ordered)
    await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await file.commit();
}
