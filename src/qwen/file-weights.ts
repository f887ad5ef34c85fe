/** Weights that stay in the files of a checkpoint: ONNX Runtime maps them, the heap holds no copy. */
import { closeSync, openSync } from "node:fs";
import type { Dtype } from "../formats/index.ts";
import type { DType } from "../graph/index.ts";
import { parameterFiles } from "../nn/index.ts";
import { ensure, LintelError, type OnProgress } from "../util/index.ts";
import type { Checkpoint, StoredTensor } from "./checkpoint.ts";
import { EMBEDDING_TABLE } from "./decoder.ts";
import { quantisedPlaces, type WeightForm } from "./quantised-file.ts";
import { readFloats } from "./read-floats.ts";
import type { WeightStore } from "./weight-store.ts";

const graphTypes: Partial<Record<Dtype, DType>> = {
  F32: "float32",
  BF16: "bfloat16",
  F16: "float16",
  F64: "float64",
};

export interface FileWeightOptions {
  /** Default "float32": every weight as it is stored, computed with in float32. */
  form?: WeightForm;
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
    parameters: (graph) => parameterFiles(graph, (name) => placeOf(stored(name))),
    feeds: () => ({}),
    rows() {
      throw new LintelError("checkpoint", { where: directory, expected: "an embedding table", got: "none" });
    },
    session: { prepack: false },
    oneGraph: true,
    release: () => Promise.resolve(),
  };
}

/**
 * The weights of an opened checkpoint as they lie on disk. float32 is mapped as it is and takes no memory that could
 * not be given back; of bfloat16 and float16 every session keeps a float32 copy, since ONNX Runtime's CPU kernels
 * compute in float32; `int8` and `int4` are rounded once, into Lintel's cache, and mapped from there. Rows of the
 * embedding table are read when they are asked for, always as they are stored.
 *
 * Errors: code "checkpoint" where a graph asks for a tensor that the checkpoint does not have; "output" where the cache
 * cannot be written.
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * const config = pocketConfig({ vocabSize: 16, hiddenSize: 16, layers: 1, heads: 2 });
 * const weights = new Map([...expectedTensors(config)].map(([name, shape]) => [
 *   name, { shape, data: new Float32Array(shape.reduce((x, y) => x * y, 1)).fill(0.5) },
 * ]));
 * const directory = `${mkdtempSync("/tmp/lintel-")}/model`;
 * await saveCheckpoint(directory, { config, weights });
 * const store = await fileWeights(await openCheckpoint(directory));
 * store.rows([3])[0]; // 0.5
 * await store.release();
 */
export async function fileWeights(
  checkpoint: Checkpoint,
  { form = "float32", onProgress }: FileWeightOptions = {},
): Promise<WeightStore> {
  const { tensors, directory, config } = checkpoint;
  const rounded = await quantisedPlaces(checkpoint, form, onProgress);
  const stored = lookUp(tensors, directory);
  const table = stored(EMBEDDING_TABLE);
  const width = config.text.hiddenSize;
  let file: number | null = null;
  return {
    parameters: (graph) =>
      parameterFiles(
        graph,
        (name) => placeOf(stored(name)),
        (name) => rounded.get(name) ?? null,
      ),
    feeds: () => ({}),
    rows(ids) {
      file ??= openSync(table.path, "r");
      const out = new Float32Array(ids.length * width);
      for (let i = 0; i < ids.length; i++)
        out.set(readFloats(file, table, ids[i]! * width, width), i * width);
      return out;
    },
    // Rounded matrices are only ever read in the order that their kernel wants; floats are read as they lie.
    session: form === "float32" ? { prepack: false } : {},
    oneGraph: true,
    release() {
      if (file !== null) closeSync(file);
      file = null;
      return Promise.resolve();
    },
  };
}
