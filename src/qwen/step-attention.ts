/** The decoder's attention in a training step: rows token by token, and in the last layer only the rows that are asked. */
import {
  attention,
  type Dim,
  gather,
  multiplyDims,
  reshape,
  rotaryEmbedding,
  type Tensor,
} from "../graph/index.ts";
import type { AttentionCore, HeadLayout, RotaryInputs } from "./attention.ts";

/** The rows whose final hidden state is wanted: `count` per example, the same number for each. */
export interface AskedRows {
  count: Dim;
  /** int64 [count·B], their rows: the first of every example, then the second of every example, … */
  rows: Tensor;
  /** int64 [B·count], their rows of `mask`, example by example. */
  maskRows: Tensor;
}

/**
 * Attention over rows that stand token by token (row = t·B + b): a head's rows are then read in place by the matrix
 * products, where rows example by example need a Transpose each. `mask` [T or B·T, T] is added to the scores; The last layer takes queries of `asked` rows only: nothing else of it reaches a loss.
 *
 * @example
 * const { text: config } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2, kvHeads: 1 });
 * const g = createGraph("example");
 * const table = (name) => input(g, name, "float32", ["R", config.headDim / 2]);
 * const rotary = { cos: table("cos"), sin: table("sin"), rows: input(g, "rows", "int64", ["T", "B"]) };
 * const index = (name) => input(g, name, "int64", ["B*Q"]);
 * const asked = { count: "Q", rows: index("asked"), maskRows: index("askedMask") };
 * const mask = input(g, "mask", "float32", ["T", "T"]);
 * const attend = stepAttention({ batch: "B", length: "T", config }, rotary, mask, asked);
 * const rows = (name, count, width) => input(g, name, "float32", [count, width]);
 * attend(0, rows("q", "B*Q", 32), rows("k", "B*T", 16), rows("v", "B*T", 16)).shape; // ["B*Q", 32]
 */
export function stepAttention(
  { batch, length, config }: HeadLayout,
  rotary: RotaryInputs,
  mask: Tensor,
  asked: AskedRows,
): AttentionCore {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const perExample = mask.shape[0] !== length;
  const everywhere = reshape(mask, [perExample ? batch : 1, 1, 1, length, length]);
  const rotate = (x: Tensor, tokens: Dim, count: number, rows: Tensor): Tensor => {
    const placed = reshape(x, [tokens, batch, count * headDim]);
    return rotaryEmbedding(placed, count, rotary.cos, rotary.sin, reshape(rows, [tokens, batch]));
  };
  return (layer, q, k, v) => {
    const last = layer === config.layers - 1;
    const count = last ? asked.count : length;
    const everyRow = reshape(rotary.rows, [multiplyDims(batch, length)]);
    const queries = rotate(q, count, heads, last ? gather(everyRow, asked.rows) : rotary.rows);
    const context = attention(
      reshape(queries, [count, batch, kvHeads, group, headDim]),
      reshape(rotate(k, length, kvHeads, rotary.rows), [length, batch, kvHeads, 1, headDim]),
      reshape(v, [length, batch, kvHeads, 1, headDim]),
      last ? reshape(gather(mask, asked.maskRows), [batch, 1, 1, count, length]) : everywhere,
      1 / Math.sqrt(headDim),
    );
    return reshape(context, [multiplyDims(count, batch), heads * headDim]);
  };
}
