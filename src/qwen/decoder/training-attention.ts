/** The decoder's attention in training: rows in token-major order, and in the last layer only the rows of the loss. */
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

/** The rows whose final hidden state is needed: `count` per example, the same for all. */
interface QueryRows {
  count: Dim;
  /** int64 [count·B], token-major: the first row of every example, then the second of every example, … */
  rows: Tensor;
  /** int64 [B·count], example-major: their rows of `mask`. */
  maskRows: Tensor;
}

/** Queries per block of long sequences: large enough for efficient products, small enough to skip keys. */
const BLOCK = 128;

/** The query blocks of a sequence; a single one if it is short or of unknown length. */
function blocksOf(length: Dim): { start: Dim; end: Dim }[] {
  if (typeof length !== "number" || length < 2 * BLOCK) return [{ start: 0, end: length }];
  return Array.from({ length: Math.ceil(length / BLOCK) }, (_, i) => ({
    start: i * BLOCK,
    end: Math.min(length, (i + 1) * BLOCK),
  }));
}

/**
 * Attention over rows in token-major order (row = t·B + b): the matrix products then read the rows of a head in place,
 * while example-major rows need a Transpose each. `mask` [T or B·T, T] is added to the scores and must be causal. The last
 * layer computes only `queryRows`, since no other row reaches a loss.
 */
export function trainingAttention(
  { batch, length, config }: AttentionLayout,
  rotary: RotaryInputs,
  mask: Tensor,
  queryRows: QueryRows,
): AttentionCore {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const perExample = mask.shape[0] !== length;
  const everywhere = reshape(mask, [perExample ? batch : 1, 1, 1, length, length]);
  // the mask is causal: a block of queries needs no later keys
  const blocks = blocksOf(length).map(({ start, end }) => ({
    start,
    end,
    hidden: slice(slice(everywhere, 3, start, end), 4, 0, end),
  }));
  const rotate = (x: Tensor, tokens: Dim, count: number, rows: Tensor): Tensor => {
    const sequences = reshape(x, [tokens, batch, count * headDim]);
    return rotaryEmbedding(sequences, count, rotary.cos, rotary.sin, reshape(rows, [tokens, batch]));
  };
  return (layer, q, k, v) => {
    const last = layer === config.layers - 1;
    const count = last ? queryRows.count : length;
    const everyRow = reshape(rotary.rows, [multiplyDims(batch, length)]);
    const queries = rotate(q, count, heads, last ? gather(everyRow, queryRows.rows) : rotary.rows);
    const q5 = reshape(queries, [count, batch, kvHeads, group, headDim]);
    const k5 = reshape(rotate(k, length, kvHeads, rotary.rows), [length, batch, kvHeads, 1, headDim]);
    const v5 = reshape(v, [length, batch, kvHeads, 1, headDim]);
    const scale = 1 / Math.sqrt(headDim);
    const context = last
      ? attention(q5, k5, v5, reshape(gather(mask, queryRows.maskRows), [batch, 1, 1, count, length]), scale)
      : concat(
          blocks.map(({ start, end, hidden }) =>
            attention(slice(q5, 0, start, end), slice(k5, 0, 0, end), slice(v5, 0, 0, end), hidden, scale),
          ),
          0,
        );
    return reshape(context, [multiplyDims(count, batch), heads * headDim]);
  };
}
