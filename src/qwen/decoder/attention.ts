/** Attention cores of the decoder: what stands between the q/k/v projections and the output projection. */
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

/** Turns q [rows, heads·d], k and v [rows, kvHeads·d] of one layer into the context [rows, heads·d]. */
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
 *
 * @example
 * const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2, kvHeads: 1 });
 * const g = createGraph("example");
 * const layout = { batch: "B", length: "T", config };
 * const table = (name) => input(g, name, "float32", ["R", config.headDim / 2]);
 * const rotary = { cos: table("cos"), sin: table("sin"), rows: input(g, "rows", "int64", ["B", "T"]) };
 * groupedQueries(input(g, "q", "float32", ["B*T", 32]), layout, rotary).shape; // ["B", 1, "2*T", 16]
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
 * Rotated keys or plain values [B, kvHeads, T, d].
 *
 * @example
 * const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2, kvHeads: 1 });
 * const g = createGraph("example");
 * const layout = { batch: "B", length: "T", config };
 * input(g, "ids", "int64", ["B", "T"]);
 * headRows(input(g, "v", "float32", ["B*T", 16]), layout).shape; // ["B", 1, "T", 16]
 */
export function headRows(
  x: Tensor,
  { batch, length, config }: AttentionLayout,
  rotary?: RotaryInputs,
): Tensor {
  const { kvHeads, headDim } = config;
  const rows = reshape(x, [batch, length, kvHeads * headDim]);
  const placed = rotary ? rotaryEmbedding(rows, kvHeads, rotary.cos, rotary.sin, rotary.rows) : rows;
  return transpose(reshape(placed, [batch, length, kvHeads, headDim]), [0, 2, 1, 3]);
}

/**
 * The reverse of `groupedQueries` for contexts: [B, kvHeads, group·T, d] → [rows, heads·d].
 *
 * @example
 * const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2, kvHeads: 1 });
 * const g = createGraph("example");
 * const layout = { batch: "B", length: "T", config };
 * const context = input(g, "context", "float32", ["B", 1, "2*T", 16]);
 * mergeHeads(context, layout).shape; // ["B*T", 32]
 */
export function mergeHeads(context: Tensor, { batch, length, config }: AttentionLayout): Tensor {
  const { heads, kvHeads, headDim } = config;
  const split = reshape(context, [batch, kvHeads, heads / kvHeads, length, headDim]);
  return reshape(transpose(split, [0, 3, 1, 2, 4]), [multiplyDims(batch, length), heads * headDim]);
}
