/** Writing safetensors files: whole, or piece by piece where they would not fit in memory. */
import { ensure } from "../../util/index.ts";
import { openAtomic } from "../files/atomic.ts";
import { byteLength, type Dtype, dtypes, type Tensor } from "./dtype.ts";
import { largestHeader } from "./header.ts";

/** The reference writer's order: wide types first, so that every tensor is aligned; then by name. */
function inFileOrder(tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  const rank = Object.keys(dtypes);
  return [...tensors].sort(([a, x], [b, y]) => {
    return rank.indexOf(y.dtype) - rank.indexOf(x.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b));
  });
}

interface TensorEntry {
  dtype: Dtype;
  shape: readonly number[];
}

function describe(
  path: string,
  ordered: readonly (readonly [string, TensorEntry])[],
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
  for (const [name, { dtype, shape }] of ordered) {
    const bytes = byteLength(dtype, shape)!;
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
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = inFileOrder(tensors);
  for (const [name, { dtype, shape, data }] of ordered) {
    const bytes = byteLength(dtype, shape);
    ensure(bytes === data.byteLength && data instanceof dtypes[dtype].array, "output", () => ({
      where: `${path}: tensor ${JSON.stringify(name)}`,
      expected: `a ${dtypes[dtype].array.name} of ${bytes} bytes for ${shape.join("×") || "a scalar"} of ${dtype}`,
      got: `a ${data.constructor.name} of ${data.byteLength} bytes`,
    }));
  }
  const head = describe(path, ordered, metadata);
  const file = await openAtomic(path);
  await file.write(head);
  for (const [, { data }] of ordered)
    await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await file.commit();
}

/**
 * Writes a safetensors file whose tensors are made one after the other, in the order of `entries`; of each only the
 * pieces that `bytesOf` gives are in memory. The order must keep tensors aligned: wide types first, or lengths that are
 * multiples of eight. Throws `LintelError` "output", also where the pieces do not add up to the shape.
 */
export async function streamSafetensors(
  path: string,
  entries: readonly (readonly [string, TensorEntry])[],
  bytesOf: (name: string) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const head = describe(path, entries, metadata);
  const file = await openAtomic(path);
  try {
    await file.write(head);
    for (const [name, { dtype, shape }] of entries) {
      let written = 0;
      for await (const piece of bytesOf(name)) {
        await file.write(piece);
        written += piece.byteLength;
      }
      const bytes = byteLength(dtype, shape);
      ensure(written === bytes, "output", () => ({
        where: `${path}: tensor ${JSON.stringify(name)}`,
        expected: `${bytes} bytes`,
        got: `${written}`,
      }));
    }
  } catch (error) {
    await file.abort();
    throw error;
  }
  await file.commit();
}
