/** The storage of a network's tensors: in memory, where training updates them, or in the files of a checkpoint. */
import type { Graph, SessionOptions, Value } from "../../graph/index.ts";
import { type ParameterSource, parameterInputs } from "../../nn/index.ts";
import { ensure } from "../../util/index.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";

/** Tensors by canonical name. They are read at every run, so updates in place take effect at once. */
export type WeightValues = Readonly<Record<string, Value>>;

/** Access of a model to its weights. */
export interface WeightStore {
  /** The parameters of a graph under construction. */
  parameters(graph: Graph): ParameterSource;
  /** Inputs to feed at every run of a graph with these parameters; empty if there is an `identity`. */
  feeds(graph: Graph): Record<string, Value>;
  /** The location of the weights as JSON: part of the key of cached graphs. Null if graphs take weights as inputs, or must not be cached. */
  readonly identity: unknown;
  /** Rows of the embedding table [n, D]; every id must be in range. */
  rows(ids: ArrayLike<number>): Float32Array;
  /** Options of sessions over these weights, and further ones of the decode session. */
  readonly session: SessionOptions;
  readonly decoding: SessionOptions;
  /** Decode with fused kernels, whose results differ in the last bits from those of elementary operators. */
  readonly large: boolean;
  /** Every session maps or copies the weights again: prefill and steps should share one. */
  readonly oneGraph: boolean;
  release(): Promise<void>;
}

/**
 * Weights in memory, owned by the caller and fed with every run.
 *
 * Errors: code "checkpoint" naming a missing tensor, when a graph uses it.
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
          got: "no such tensor",
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
