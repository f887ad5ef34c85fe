/** Weights that stay in the files of a checkpoint: ONNX Runtime maps them, the heap holds no copy. */
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

/** Weights from which on a model is large. Smaller ones are decoded bit for bit as the same weights in memory are. */
const LARGE = 2 ** 24;

/** Packed copies of mapped weights may take this share of the memory: a function of machine and model alone. */
const PACKED_SHARE = 1 / 4;

export interface FileWeightOptions {
  /** Default "float32": every weight as it is stored, computed with in float32. */
  form?: WeightFormat;
  /** Decoded by fused kernels over packed matrices (default: from 16 million weights on). */
  large?: boolean;
  onProgress?: OnProgress;
}

/** Looks tensors up by name; code "checkpoint" where there is none. */
const lookUp =
  (tensors: ReadonlyMap<string, StoredTensor>, directory: string) =>
  (name: string): StoredTensor => {
    const tensor = tensors.get(name);
    ensure(tensor, "checkpoint", () => ({
      where: directory,
      expected: `a tensor "${name}"`,
      got: "none of that name",
    }));
    return tensor;
  };

const placeOf = ({ dtype, path, offset, length }: StoredTensor) => ({
  dtype: graphTypes[dtype]!,
  path,
  offset,
  length,
});

/**
 * Tensors of files for networks without an embedding table, each as it is stored.
 *
 * @example
 * tensorFiles(new Map(), "tower").oneGraph; // true
 */
export function tensorFiles(tensors: ReadonlyMap<string, StoredTensor>, directory: string): WeightStore {
  const stored = lookUp(tensors, directory);
  return {
    parameters: (graph) => fileParameters(graph, (name) => placeOf(stored(name))),
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

/** Every tensor's place, by the real path of its file, and that of its rounded form. */
async function placesOf(
  { tensors }: Checkpoint,
  rounded: ReadonlyMap<string, QuantizedRanges>,
): Promise<unknown> {
  const real = new Map<string, string>();
  for (const { path } of tensors.values()) if (!real.has(path)) real.set(path, await realpath(path));
  return [...tensors].map(([name, { dtype, shape, path, offset, length }]) => [
    ...[name, dtype, shape, real.get(path), offset, length],
    rounded.get(name) ?? null,
  ]);
}

/** Elements of all tensors, and the bytes that those take which are mapped as they are. */
function sizesOf({ tensors }: Checkpoint): { elements: number; mapped: number } {
  let [elements, mapped] = [0, 0];
  for (const { dtype, length, shape } of tensors.values()) {
    elements += shape.reduce((a, b) => a * b, 1);
    if (dtype === "F32") mapped += length;
  }
  return { elements, mapped };
}

/**
 * Sessions over files read matrices as they lie, so that what is mapped takes no memory of its own. The one that decodes
 * a large model has them packed where there is room: for one row that gains nothing, for a dozen continuations it is 1.7
 * times as fast, since unpacked matrices are packed anew at every product. Rounded matrices are only ever read in the
 * order that their kernel wants.
 */
function sessionsOf(form: WeightFormat, large: boolean, mapped: number) {
  if (form !== "float32") return { session: {}, decoding: {} };
  const packs = large && mapped <= usableMemory() * PACKED_SHARE;
  const session: SessionOptions = { prepack: false };
  return { session, decoding: { prepack: packs } satisfies SessionOptions };
}

/**
 * The weights of an opened checkpoint as they lie on disk. float32 is mapped as it is and takes no memory that could
 * not be given back, but for the packed copy that decodes a large model; of bfloat16 and float16 every session keeps a
 * float32 copy, since ONNX Runtime's CPU kernels compute in float32; `int8` and `int4` are rounded once, into Lintel's cache, and mapped from there. Rows of the
 * embedding table are read when they are asked for, always as they are stored.
 *
 * Errors: code "checkpoint" where a graph asks for a tensor that the checkpoint does not have; "output" where the cache
 * cannot be written.
 */
export async function fileWeights(
  checkpoint: Checkpoint,
  { form = "float32", large, onProgress }: FileWeightOptions = {},
): Promise<WeightStore> {
  const { tensors, directory, config } = checkpoint;
  const { elements, mapped } = sizesOf(checkpoint);
  const isLarge = large ?? elements >= LARGE;
  const rounded = await quantizedRanges(checkpoint, form, onProgress);
  const stored = lookUp(tensors, directory);
  const table = stored(EMBEDDING_TABLE);
  const width = config.text.hiddenSize;
  let file: number | null = null;
  return {
    parameters: (graph) =>
      fileParameters(
        graph,
        (name) => placeOf(stored(name)),
        (name) => rounded.get(name) ?? null,
      ),
    feeds: () => ({}),
    identity: await placesOf(checkpoint, rounded),
    rows(ids) {
      file ??= openSync(table.path, "r");
      const out = new Float32Array(ids.length * width);
      for (let i = 0; i < ids.length; i++)
        out.set(readFloats(file, table, ids[i]! * width, width), i * width);
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
