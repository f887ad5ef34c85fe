/** Attention cores of the decoder: the computation between the q/k/v projections and the output projection. */
import {
  type Dim,
  mul,
  multiplyDims,
  reshape,
  rotaryEmbedding,
  scalar,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import type { TextConfig } from "../config/types.ts";

/** Computes the context [rows, heads·d] of one layer from q [rows, heads·d], k and v [rows, kvHeads·d]. */
export type AttentionCore = (layer: number, q: Tensor, k: Tensor, v: Tensor) => Tensor;

/** Rotary tables [rows, d/2] and the row index of every token, int64 [B, T]. */
export interface RotaryInputs {
  cos: Tensor;
  sin: Tensor;
  rows: Tensor;
}

export interface AttentionLayout {
  batch: Dim;
  length: Dim;
  config: TextConfig;
}

/**
 * Rotated and scaled queries [B, kvHeads, group·T, d]: a group of query heads shares one key head.
 */
export function groupedQueries(
  q: Tensor,
  { batch, length, config }: AttentionLayout,
  rotary: RotaryInputs,
): Tensor {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const scaled = mul(q, scalar(q, 1 / Math.sqrt(headDim)));
  const rotated = rotaryEmbedding(
    reshape(scaled, [batch, length, heads * headDim]),
    heads,
    rotary.cos,
    rotary.sin,
    rotary.rows,
  );
  const split = reshape(rotated, [batch, length, kvHeads, group, headDim]);
  return reshape(transpose(split, [0, 2, 3, 1, 4]), [batch, kvHeads, multiplyDims(group, length), headDim]);
}

/**
 * Keys, rotated if `rotary` is given, or values [B, kvHeads, T, d].
 */
export function headRows(
  x: Tensor,
  { batch, length, config }: AttentionLayout,
  rotary?: RotaryInputs,
): Tensor {
  const { kvHeads, headDim } = config;
  const rows = reshape(x, [batch, length, kvHeads * headDim]);
  const rotated = rotary ? rotaryEmbedding(rows, kvHeads, rotary.cos, rotary.sin, rotary.rows) : rows;
  return transpose(reshape(rotated, [batch, length, kvHeads, headDim]), [0, 2, 1, 3]);
}

/**
 * The inverse of `groupedQueries` for contexts: [B, kvHeads, group·T, d] → [rows, heads·d].
 */
export function mergeHeads(context: Tensor, { batch, length, config }: AttentionLayout): Tensor {
  const { heads, kvHeads, headDim } = config;
  const split = reshape(context, [batch, kvHeads, heads / kvHeads, length, headDim]);
  return reshape(transpose(split, [0, 3, 1, 2, 4]), [multiplyDims(batch, length), heads * headDim]);
}
