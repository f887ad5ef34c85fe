/** Inputs of decode graphs: masks, caches, and what stands for the half of a graph that does not run. */
import { bool, type Device, float32, int32, type Value } from "../../graph/index.ts";
import type { TextConfig } from "../config/types.ts";
import type { DecodeMode } from "./decode-graph.ts";

/** Added to the score of what must not be seen. */
export const MASK_VALUE = -1e9;

export type Inputs = Record<string, Value>;

/** Keys and values per layer. */
export interface Caches {
  k: readonly Value[];
  v: readonly Value[];
}

const none = (shape: readonly number[]): Value => float32(new Float32Array(0), shape);

function cacheInputs(name: string, caches: Caches): Inputs {
  const inputs: Inputs = {};
  for (const kind of ["k", "v"] as const) {
    for (const [i, value] of caches[kind].entries()) inputs[`${name}.${kind}.${i}`] = value;
  }
  return inputs;
}

/** The same value as keys and values of every layer: what is empty. */
const everywhere = (layers: number, value: Value): Caches => {
  const all = Array<Value>(layers).fill(value);
  return { k: all, v: all };
};

/** Nothing cached before prompts of `batch` sequences. */
export const emptyPast = ({ kvHeads, headDim, layers }: TextConfig, batch: number): Caches =>
  everywhere(layers, none([batch, kvHeads, 0, headDim]));

/** One token before prompts that nothing may see: its weight is 0 to the bit. */
function hiddenToken({ kvHeads, headDim, layers }: TextConfig, batch: number): Inputs {
  const shape = [batch, kvHeads, 1, headDim];
  const zeros = float32(new Float32Array(batch * kvHeads * headDim), shape);
  return {
    prefixMask: float32(new Float32Array(batch).fill(MASK_VALUE), [batch, 1, 1, 1, 1]),
    ...cacheInputs("prefix", everywhere(layers, zeros)),
  };
}

/**
 * Of `sharedAttention`: nothing cached before prompts of `batch` sequences. A product over no tokens at all ends the
 * process on WebGPU (ONNX Runtime 1.30): other devices than the CPU get one token that nothing may see.
 */
export function emptySharedCaches(text: TextConfig, batch: number, device: Device = "cpu"): Inputs {
  const { kvHeads, headDim, layers } = text;
  const before: Inputs =
    device === "cpu"
      ? { prefixMask: none([batch, 1, 1, 1, 0]), ...cacheInputs("prefix", emptyPast(text, batch)) }
      : hiddenToken(text, batch);
  return {
    ...before,
    ...cacheInputs("suffix", everywhere(layers, none([batch * kvHeads, 1, 0, headDim]))),
  };
}

/** Of "either", for sequences with caches of their own; `bias` [B, T, total]. */
export function singleInputs(
  text: TextConfig,
  { batch, total, bias, past }: { batch: number; total: number; bias: Float32Array; past: Caches },
): Inputs {
  return {
    lengths: int32(new Int32Array(batch).fill(total - 1), [batch]),
    total: int32([total], []),
    bias: float32(bias, [batch, 1, bias.length / batch / total, total]),
    ...cacheInputs("past", past),
    alone: bool(Uint8Array.of(1), []),
    mask: none([batch, 1, 1, 1, 0]),
    ...emptySharedCaches(text, batch),
  };
}

/** Continuations of shared prefixes; `masks` are inputs too. */
export function sharedInputs(
  text: TextConfig,
  mode: DecodeMode,
  { batch, prefix, suffix, masks }: { batch: number; prefix: Caches; suffix: Caches; masks: Inputs },
): Inputs {
  return {
    ...masks,
    ...cacheInputs("prefix", prefix),
    ...cacheInputs("suffix", suffix),
    ...(mode === "either" && {
      alone: bool(Uint8Array.of(0), []),
      lengths: int32(new Int32Array(batch), [batch]),
      total: int32([0], []),
      bias: none([batch, 1, 1, 0]),
      ...cacheInputs("past", emptyPast(text, batch)),
    }),
  };
}

/** Nothing after the prefix yet, for N continuations of each example. */
export const emptyContinuation = (
  { kvHeads, headDim, layers }: TextConfig,
  batch: number,
  continuations: number,
): Caches => everywhere(layers, none([batch * kvHeads, continuations, 0, headDim]));

/** 0 … n − 1. */
export const countUp = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Copies of the positions of one sequence for all three axes: text tokens after a prefix. */
export function threeAxes(positions: Int32Array): Int32Array {
  const out = new Int32Array(3 * positions.length);
  for (let axis = 0; axis < 3; axis++) out.set(positions, axis * positions.length);
  return out;
}
