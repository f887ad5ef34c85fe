import { readSync } from "node:fs";
import { floatsOf } from "../../formats/index.ts";
import { ensure } from "../../util/index.ts";
import type { StoredTensor } from "./stored-tensors.ts";

/**
 * Reads `count` elements of a stored tensor from element `first` on, as float32. Throws `LintelError` "checkpoint" if the
 * file is too short.
 */
export function readFloats(
  file: number,
  { path, dtype, shape, offset, length }: StoredTensor,
  first: number,
  count: number,
): Float32Array {
  const size = length / shape.reduce((a, b) => a * b, 1);
  const bytes = new Uint8Array(count * size);
  const start = offset + first * size;
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(file, bytes, done, bytes.length - done, start + done);
    ensure(got > 0, "checkpoint", () => ({
      where: path,
      expected: `${bytes.length} bytes at ${start}`,
      got: `${done}: the file was truncated after it was opened`,
    }));
    done += got;
  }
  return floatsOf(dtype, bytes.buffer);
}
