import { ensure, LintelError } from "../../util/index.ts";
import { byteLength, type Dtype, dtypes } from "./dtype.ts";
import { JsonFault, parseStrictJson, type StrictJson } from "./header-json.ts";

/** Where a tensor is in its file. */
interface TensorEntry {
  dtype: Dtype;
  shape: number[];
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

export interface SafetensorsHeader {
  /** In the order of the data in the file. */
  tensors: Map<string, TensorEntry>;
  metadata: Map<string, string>;
}

/** The limit of the reference implementation (safetensors/src/tensor.rs, MAX_HEADER_SIZE). */
export const largestHeader = 100_000_000;

/**
 * Checks the first eight bytes of a file of `fileLength` bytes: the length of the header, in bytes.
 * Throws `LintelError` "checkpoint".
 */
export function headerLength(first: Uint8Array, fileLength: number, file: string): number {
  ensure(fileLength >= 8 && first.length >= 8, "checkpoint", () => ({
    where: file,
    expected: "a safetensors file: at least the 8 bytes of the header length",
    got: `${fileLength} bytes`,
  }));
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  ensure(length <= largestHeader, "checkpoint", () => ({
    where: file,
    expected: `a safetensors header of at most ${largestHeader} bytes`,
    got: `a header length of ${length}`,
    attempt: "checking that this is a safetensors file and not a pickle or an archive",
  }));
  ensure(8n + length <= BigInt(fileLength), "checkpoint", () => ({
    where: file,
    expected: `a header of ${length} bytes inside the file`,
    id: "E_TRUNCATED",
    got: `a file of ${fileLength} bytes: truncated`,
    attempt: "downloading it again",
  }));
  return Number(length);
}

function integer(value: StrictJson | undefined): number | null {
  if (value?.kind !== "number" || !/^(0|[1-9]\d*)$/.test(value.text)) return null;
  const result = Number(value.text);
  return Number.isSafeInteger(result) ? result : null;
}

function show(value: StrictJson | undefined): string {
  if (value === undefined) return "nothing";
  if (value.kind === "object" || value.kind === "array") return `an ${value.kind}`;
  const text = value.kind === "string" ? JSON.stringify(value.text) : value.text;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** One entry of the header, all but its place among the others. */
function readEntry(
  where: string,
  value: StrictJson,
): { dtype: Dtype; shape: number[]; begin: number; end: number } {
  const reject = (expected: string, got: string): never => {
    throw new LintelError("checkpoint", { where, expected, got });
  };
  if (value.kind !== "object") return reject("an object with dtype, shape and data_offsets", show(value));
  const { entries } = value;
  const dtype = entries.get("dtype");
  if (dtype?.kind !== "string") return reject("a dtype, a string", show(dtype));
  // Object.hasOwn: "constructor" and "__proto__" are no types
  if (!Object.hasOwn(dtypes, dtype.text)) {
    return reject(`a dtype among ${Object.keys(dtypes).join(", ")}`, `the unknown dtype ${show(dtype)}`);
  }
  const shape = entries.get("shape");
  if (shape?.kind !== "array") return reject("a shape, an array of integers", show(shape));
  const sizes = shape.items.map((item) => {
    return integer(item) ?? reject("shape sizes that are integers from 0 to 2^53 - 1", show(item));
  });
  const offsets = entries.get("data_offsets");
  if (offsets?.kind !== "array" || offsets.items.length !== 2) {
    return reject(
      "data_offsets, an array of two integers",
      offsets?.kind === "array" ? `${offsets.items.length} items` : show(offsets),
    );
  }
  const [begin, end] = offsets.items.map((item) => {
    return integer(item) ?? reject("data_offsets that are integers from 0 to 2^53 - 1", show(item));
  }) as [number, number];
  if (begin > end) return reject("data_offsets in ascending order", `the reversed range ${begin} to ${end}`);
  const bytes = byteLength(dtype.text as Dtype, sizes);
  const volume = `${sizes.join("×") || "scalar"} of ${dtype.text}`;
  if (bytes === null) return reject("a size in whole bytes below 2^53", volume);
  if (bytes !== end - begin)
    return reject(`${bytes} bytes of data for ${volume}`, `a range of ${end - begin} bytes`);
  return { dtype: dtype.text as Dtype, shape: sizes, begin, end };
}

function readMetadata(file: string, value: StrictJson): Map<string, string> {
  ensure(value.kind === "object", "checkpoint", () => ({
    where: `${file}: __metadata__`,
    expected: "an object of strings",
    got: show(value),
  }));
  const metadata = new Map<string, string>();
  for (const [key, item] of value.entries) {
    ensure(item.kind === "string", "checkpoint", () => ({
      where: `${file}: __metadata__ entry ${JSON.stringify(key)}`,
      expected: "a string",
      got: show(item),
    }));
    metadata.set(key, item.text);
  }
  return metadata;
}

/**
 * Reads and checks a header: `bytes` are those between the length field and the data, `fileLength` is the size
 * of the whole file. The rules are those of the reference reader (safetensors/src/tensor.rs) and, beyond it, no
 * key twice: ranges must tile the data section from its start to the end of the file without hole or overlap, and
 * each must be as long as its dtype and shape say. Leading white space is accepted, as the reference does.
 * Throws `LintelError` "checkpoint" naming file and tensor.
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  fileLength: number,
  file: string,
): SafetensorsHeader {
  const fault = (expected: string, got: string, cause?: unknown): LintelError =>
    new LintelError("checkpoint", { where: `${file}: header`, expected, got, cause });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fault("UTF-8", "bytes that are not", cause);
  }
  let root: StrictJson;
  try {
    root = parseStrictJson(text);
  } catch (cause) {
    if (cause instanceof JsonFault) throw fault("JSON", cause.message, cause);
    throw cause;
  }
  if (root.kind !== "object") throw fault("a JSON object", show(root));

  let metadata = new Map<string, string>();
  const found: { name: string; where: string; entry: ReturnType<typeof readEntry> }[] = [];
  for (const [name, value] of root.entries) {
    if (name === "__metadata__") {
      metadata = readMetadata(file, value);
      continue;
    }
    const where = `${file}: tensor ${JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)}`;
    found.push({ name, where, entry: readEntry(where, value) });
  }
  found.sort((x, y) => x.entry.begin - y.entry.begin || x.entry.end - y.entry.end);

  const start = 8 + bytes.length;
  const dataLength = fileLength - start;
  const tensors = new Map<string, TensorEntry>();
  let previous = 0;
  for (const { name, where, entry } of found) {
    const reject = (expected: string, got: string, attempt?: string): LintelError =>
      new LintelError("checkpoint", { where, expected, got, ...(attempt ? { attempt } : {}) });
    const range = `bytes ${entry.begin} to ${entry.end}`;
    if (entry.end > dataLength) {
      const got = `${range}, beyond the ${dataLength} bytes of data: truncated`;
      throw reject("data inside the file", got, "downloading the file again");
    }
    if (entry.begin < previous)
      throw reject(`data from byte ${previous} on`, `${range}, an overlap with another tensor`);
    if (entry.begin > previous)
      throw reject(`data from byte ${previous} on`, `${range}, with a hole before it`);
    previous = entry.end;
    tensors.set(name, {
      dtype: entry.dtype,
      shape: entry.shape,
      offset: start + entry.begin,
      length: entry.end - entry.begin,
    });
  }
  ensure(previous === dataLength, "checkpoint", () => ({
    where: file,
    expected: `the end of the file after ${previous} bytes of data`,
    got: `${dataLength - previous} bytes more that belong to no tensor`,
  }));
  return { tensors, metadata };
}
