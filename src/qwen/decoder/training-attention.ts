/** The decoder's attention in a training step: rows token by token, and in the last layer only the rows that are asked. */
import {
  attention,
  concat,
  type Dim,
  gather,
  multiplyDims,
  reshape,
  rotaryEmbedding,
  slice,
  type Tensor,
} from "../../graph/index.ts";
import type { AttentionCore, AttentionLayout, RotaryInputs } from "./attention.ts";

/** The rows whose final hidden state is wanted: `count` per example, the same number for each. */
export interface QueryRows {
  count: Dim;
  /** int64 [count·B], their rows: the first of every example, then the second of every example, … */
  rows: Tensor;
  /** int64 [B·count], their rows of `mask`, example by example. */
  maskRows: Tensor;
}

/** Queries per block of long sequences: large enough for the matrix products, small enough to spare keys. */
const BLOCK = 128;

/** A sequence in blocks of queries; short ones, and those of unknown length, in one. */
function blocksOf(length: Dim): { start: Dim; end: Dim }[] {
  if (typeof length !== "number" || length < 2 * BLOCK) return [{ start: 0, end: length }];
  return Array.from({ length: Math.ceil(length / BLOCK) }, (_, i) => ({
    start: i * BLOCK,
    end: Math.min(length, (i + 1) * BLOCK),
  }));
}

/**
 * Attention over rows that stand token by token (row = t·B + b): a head's rows are then read in place by the matrix
 * products, where rows example by example need a Transpose each. `mask` [T or B·T, T] is added to the scores
 * and must be causal; The last layer takes queries of `asked` rows only: nothing else of it reaches a loss.
 */
export function trainingAttention(
  { batch, length, config }: AttentionLayout,
  rotary: RotaryInputs,
  mask: Tensor,
  asked: QueryRows,
): AttentionCore {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const perExample = mask.shape[0] !== length;
  const everywhere = reshape(mask, [perExample ? batch : 1, 1, 1, length, length]);
  // Nothing looks ahead, so the later keys of an early block of queries need not be looked at.
  const blocks = blocksOf(length).map(({ start, end }) => ({
    start,
    end,
    hidden: slice(slice(everywhere, 3, start, end), 4, 0, end),
  }));
  const rotate = (x: Tensor, tokens: Dim, count: number, rows: Tensor): Tensor => {
    const placed = reshape(x, [tokens, batch, count * headDim]);
    return rotaryEmbedding(placed, count, rotary.cos, rotary.sin, reshape(rows, [tokens, batch]));
  };
  return (layer, q, k, v) => {
    const last = layer === config.layers - 1;
    const count = last ? asked.count : length;
    const everyRow = reshape(rotary.rows, [multiplyDims(batch, length)]);
    const queries = rotate(q, count, heads, last ? gather(everyRow, asked.rows) : rotary.rows);
    const q5 = reshape(queries, [count, batch, kvHeads, group, headDim]);
    const k5 = reshape(rotate(k, length, kvHeads, rotary.rows), [length, batch, kvHeads, 1, headDim]);
    const v5 = reshape(v, [length, batch, kvHeads, 1, headDim]);
    const scale = 1 / Math.sqrt(headDim);
    const context = last
      ? attention(q5, k5, v5, reshape(gather(mask, asked.maskRows), [batch, 1, 1, count, length]), scale)
      : concat(
          blocks.map(({ start, end, hidden }) =>
            attention(slice(q5, 0, start, end), slice(k5, 0, 0, end), slice(v5, 0, 0, end), hidden, scale),
          ),
          0,
        );
    return reshape(context, [multiplyDims(count, batch), heads * headDim]);
  };
}
