import type { FileHandle } from "node:fs/promises";
import { ensure, LintelError } from "../../util/index.ts";
import { openRegular } from "../files/regular.ts";
import { dtypes, type Tensor, type TensorData } from "./dtype.ts";
import { headerLength, parseSafetensorsHeader, type SafetensorsHeader } from "./header.ts";

export { byteLength, float32, type Tensor, toFloat32 } from "./dtype.ts";
export { parseSafetensorsHeader } from "./header.ts";

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
    handle = await openRegular(path);
    return await use(handle, (await handle.stat()).size);
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
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (handle, size) => header(handle, size, path));
}

/**
 * Reads the tensors called `names` (all, if left out) in the order of the file, each into an array of its own.
 * Throws `LintelError` "checkpoint" for an invalid file or a name that is not in it.
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
