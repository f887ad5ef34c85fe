/** Weights that stay in the files of a checkpoint: ONNX Runtime maps them into memory without a copy. */
import { closeSync, openSync } from "node:fs";
import { realpath } from "node:fs/promises";
import type { Dtype } from "../../formats/index.ts";
import type { DType, SessionOptions } from "../../graph/index.ts";
import { fileParameters, type QuantizedRanges } from "../../nn/index.ts";
import { ensure, LintelError, type OnProgress, usableMemory } from "../../util/index.ts";
import type { Checkpoint } from "../checkpoint/open-checkpoint.ts";
import { readFloats } from "../checkpoint/read-floats.ts";
import type { StoredTensor } from "../checkpoint/stored-tensors.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";
import { quantizedRanges, type WeightFormat } from "./quantized-file.ts";
import type { WeightStore } from "./weight-store.ts";

const graphTypes: Partial<Record<Dtype, DType>> = {
  F32: "float32",
  BF16: "bfloat16",
  F16: "float16",
  F64: "float64",
};

/** Number of weights from which a model counts as large. Smaller ones decode bit for bit like weights in memory. */
const LARGE = 2 ** 24;

/** Share of the memory that packed copies of mapped weights may take; depends on machine and model only. */
const PACKED_SHARE = 1 / 4;

interface FileWeightOptions {
  /** Default "float32": weights as stored, computation in float32. */
  form?: WeightFormat;
  /** Decode with fused kernels over packed matrices (default: from 16 million weights). */
  large?: boolean;
  onProgress?: OnProgress;
}

/** Finds tensors by name; code "checkpoint" for a missing one. */
const lookUp =
  (tensors: ReadonlyMap<string, StoredTensor>, directory: string) =>
  (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    ensure(tensor, "checkpoint", () => ({
      where: directory,
      expected: `a tensor "${name}"`,
      got: "no such tensor",
    }));
    return tensor;
  };

const rangeOf = ({ dtype, path, offset, length }: StoredTensor) => ({
  dtype: graphTypes[dtype]!,
  path,
  offset,
  length,
});

/**
 * Tensors in files, as stored, for networks without an embedding table.
 *
 * @example
 * tensorFiles(new Map(), "tower").oneGraph; // true
 */
export function tensorFiles(tensors: ReadonlyMap<string, StoredTensor>, directory: string): WeightStore {
  const stored = lookUp(tensors, directory);
  return {
    parameters: (graph) => fileParameters(graph, (name) => rangeOf(stored(name))),
    feeds: () => ({}),
    identity: null,
    rows() {
      throw new LintelError("checkpoint", { where: directory, expected: "an embedding table", got: "none" });
    },
    session: { prepack: false },
    decoding: {},
    large: false,
    oneGraph: true,
    release: () => Promise.resolve(),
  };
}

/** The location of every tensor, by the real path of its file, and of its quantized form. */
async function rangesOf(
  { tensors }: Checkpoint,
  quantized: ReadonlyMap<string, QuantizedRanges>,
): Promise<unknown> {
  const real = new Map<string, string>();
  for (const { path } of tensors.values()) if (!real.has(path)) real.set(path, await realpath(path));
  return [...tensors].map(([name, { dtype, shape, path, offset, length }]) => [
    ...[name, dtype, shape, real.get(path), offset, length],
    quantized.get(name) ?? null,
  ]);
}

/** Number of elements of all tensors, and bytes of those that are mapped without conversion. */
function sizesOf({ tensors }: Pick<Checkpoint, "tensors">): { elements: number; mapped: number } {
  let [elements, mapped] = [0, 0];
  for (const { dtype, length, shape } of tensors.values()) {
    elements += shape.reduce((a, b) => a * b, 1);
    if (dtype === "F32") mapped += length;
  }
  return { elements, mapped };
}

/**
 * Sessions over files use matrices unpacked, so that mapped weights take no extra memory. The decode session of a large
 * model packs them if memory allows: no gain for one row, 1.7 times as fast for a dozen continuations, since unpacked
 * matrices are packed again at every product. Quantized matrices are stored in the order of their kernel.
 */
function sessionsOf(
  form: WeightFormat,
  large: boolean,
  mapped: number,
): Record<"session" | "decoding", SessionOptions> {
  if (form !== "float32") return { session: {}, decoding: {} };
  const packs = large && mapped <= usableMemory() * PACKED_SHARE;
  return { session: { prepack: false }, decoding: { prepack: packs } };
}

/**
 * Bytes that a checkpoint's weights take in memory by the rules of `fileWeights`, without those that stay in files and can
 * be dropped: converted copies, and packed ones of large models.
 */
export function residentBytes(
  { tensors, config }: Pick<Checkpoint, "tensors" | "config">,
  form: WeightFormat = "float32",
): number {
  const { elements, mapped } = sizesOf({ tensors });
  const { decoding } = sessionsOf(form, elements >= LARGE, mapped);
  let bytes = decoding.prepack ? mapped : 0;
  for (const [name, { dtype, shape }] of tensors) {
    const onDemand = name === EMBEDDING_TABLE && !config.text.tied;
    // Quantized matrices are mapped.
    if (dtype === "F32" || onDemand || (form !== "float32" && shape.length === 2)) continue;
    bytes += Float32Array.BYTES_PER_ELEMENT * shape.reduce((a, b) => a * b, 1);
  }
  return bytes;
}

/** Rows of the embedding table that are kept once they were read: markers and words of answers come again and again. */
const MOST_KNOWN = 256;

/**
 * The weights of an opened checkpoint on disk. float32 is mapped and takes no memory that cannot be reclaimed, except for
 * the packed copy for decoding a large model. For bfloat16 and float16 every session keeps a float32 copy, since ONNX
 * Runtime's CPU kernels compute in float32. `int8` and `int4` are quantized once into Lintel's cache and mapped from
 * there. Rows of the embedding table are read on demand, always as stored.
 *
 * Errors: code "checkpoint" if a graph uses a tensor that the checkpoint lacks; "output" if the cache cannot be written.
 */
export async function fileWeights(
  checkpoint: Checkpoint,
  { form = "float32", large, onProgress }: FileWeightOptions = {},
): Promise<WeightStore> {
  const { tensors, directory, config } = checkpoint;
  const { elements, mapped } = sizesOf(checkpoint);
  const isLarge = large ?? elements >= LARGE;
  const quantized = await quantizedRanges(checkpoint, form, onProgress);
  const stored = lookUp(tensors, directory);
  const table = stored(EMBEDDING_TABLE);
  const width = config.text.hiddenSize;
  let file: number | null = null;
  const known = new Map<number, Float32Array>();
  return {
    parameters: (graph) =>
      fileParameters(
        graph,
        (name) => rangeOf(stored(name)),
        (name) => quantized.get(name) ?? null,
      ),
    feeds: () => ({}),
    identity: await rangesOf(checkpoint, quantized),
    rows(ids) {
      file ??= openSync(table.path, "r");
      const out = new Float32Array(ids.length * width);
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i]!;
        const row = known.get(id) ?? readFloats(file, table, id * width, width);
        if (known.size < MOST_KNOWN) known.set(id, row);
        out.set(row, i * width);
      }
      return out;
    },
    ...sessionsOf(form, isLarge, mapped),
    large: isLarge,
    oneGraph: true,
    release() {
      if (file !== null) closeSync(file);
      file = null;
      return Promise.resolve();
    },
  };
}
