/** Where the network's tensors are: in memory, where training changes them, or in the files of a checkpoint. */
import type { Graph, SessionOptions, Value } from "../../graph/index.ts";
import { type ParameterSource, parameterInputs } from "../../nn/index.ts";
import { ensure } from "../../util/index.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";

/** Tensors by canonical name. The model reads them at every run: updates in place are seen at once. */
export type WeightValues = Readonly<Record<string, Value>>;

/** What a model needs to know of its weights. */
export interface WeightStore {
  /** The parameters of a graph that is about to be built. */
  parameters(graph: Graph): ParameterSource;
  /** What must be fed at every run of a graph that asked for these parameters; nothing where there is an `identity`. */
  feeds(graph: Graph): Record<string, Value>;
  /** Where the weights lie, as JSON: graphs with the same places are the same. Null where graphs take them as inputs, or are not to be kept. */
  readonly identity: unknown;
  /** Rows of the embedding table [n, D]; every id is one of its rows. */
  rows(ids: ArrayLike<number>): Float32Array;
  /** Options of sessions over these weights, and what the one that decodes has besides. */
  readonly session: SessionOptions;
  readonly decoding: SessionOptions;
  /** Decoded by fused kernels, whose last bits differ from those of elementary operators. */
  readonly large: boolean;
  /** Every session maps or copies the weights anew: prompts and steps should share one. */
  readonly oneGraph: boolean;
  release(): Promise<void>;
}

/**
 * Weights in memory, fed with every run; they stay the caller's.
 *
 * Errors: code "checkpoint" naming a tensor that is missing, when a graph asks for it.
 */
export function memoryWeights(values: WeightValues): WeightStore {
  const declared = new WeakMap<Graph, ReadonlyMap<string, unknown>>();
  return {
    parameters(graph) {
      const inputs = parameterInputs(graph, "float32");
      declared.set(graph, inputs.declared);
      return inputs.source;
    },
    feeds(graph) {
      const taken: Record<string, Value> = {};
      for (const name of declared.get(graph)?.keys() ?? []) {
        const value = values[name];
        ensure(value, "checkpoint", () => ({
          where: `graph ${graph.name}`,
          expected: `a tensor "${name}"`,
          got: "none of that name",
        }));
        taken[name] = value;
      }
      return taken;
    },
    identity: null,
    rows(ids) {
      const table = values[EMBEDDING_TABLE]!;
      const width = table.shape[1]!;
      const out = new Float32Array(ids.length * width);
      for (let i = 0; i < ids.length; i++) {
        out.set((table.data as Float32Array).subarray(ids[i]! * width, (ids[i]! + 1) * width), i * width);
      }
      return out;
    },
    session: {},
    decoding: {},
    large: false,
    oneGraph: false,
    release: () => Promise.resolve(),
  };
}

/**
 * Whether weights are a store already.
 *
 * @example
 * isWeightStore({}); // false: values by name
 */
export const isWeightStore = (weights: WeightValues | WeightStore): weights is WeightStore =>
  typeof weights.parameters === "function";
