/** Inputs of decode graphs: masks, caches, and placeholders for the branch of a graph that does not run. */
import { bool, type Device, float32, int32, type Value } from "../../graph/index.ts";
import type { TextConfig } from "../config/types.ts";
import type { DecodeMode } from "./decode-graph.ts";

/** Added to attention scores of masked positions. */
export const MASK_VALUE = -1e9;

export type Inputs = Record<string, Value>;

/** Keys and values per layer. */
interface Caches {
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

/** The same empty value as keys and values of every layer. */
const everywhere = (layers: number, value: Value): Caches => {
  const all = Array<Value>(layers).fill(value);
  return { k: all, v: all };
};

/** Empty caches of `batch` separate sequences. */
export const emptyPast = ({ kvHeads, headDim, layers }: TextConfig, batch: number): Caches =>
  everywhere(layers, none([batch, kvHeads, 0, headDim]));

/** One masked token before the prompts, whose attention weight is exactly 0. */
function maskedToken({ kvHeads, headDim, layers }: TextConfig, batch: number): Inputs {
  const shape = [batch, kvHeads, 1, headDim];
  const zeros = float32(new Float32Array(batch * kvHeads * headDim), shape);
  return {
    prefixMask: float32(new Float32Array(batch).fill(MASK_VALUE), [batch, 1, 1, 1, 1]),
    ...cacheInputs("prefix", everywhere(layers, zeros)),
  };
}

/**
 * Empty caches for `sharedAttention` of `batch` prompts. A product over zero tokens crashes on WebGPU (ONNX Runtime 1.30):
 * devices other than the CPU get one masked token.
 */
export function emptySharedCaches(text: TextConfig, batch: number, device: Device = "cpu"): Inputs {
  const { kvHeads, headDim, layers } = text;
  const before: Inputs =
    device === "cpu"
      ? { prefixMask: none([batch, 1, 1, 1, 0]), ...cacheInputs("prefix", emptyPast(text, batch)) }
      : maskedToken(text, batch);
  return {
    ...before,
    ...cacheInputs("suffix", everywhere(layers, none([batch * kvHeads, 1, 0, headDim]))),
  };
}

/** "either" with separate sequences; `bias` [B, T, total]. */
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

/** Caches and masks of continuations of shared prefixes. */
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

/** Empty caches of N continuations per example. */
export const emptyContinuation = (
  { kvHeads, headDim, layers }: TextConfig,
  batch: number,
  continuations: number,
): Caches => everywhere(layers, none([batch * kvHeads, continuations, 0, headDim]));

/** 0 … n − 1. */
export const countUp = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Positions of text tokens, repeated for the three axes. */
export function threeAxes(positions: Int32Array): Int32Array {
  const out = new Int32Array(3 * positions.length);
  for (let axis = 0; axis < 3; axis++) out.set(positions, axis * positions.length);
  return out;
}
