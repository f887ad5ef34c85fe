/**
 * Attention of a branch: rows beside the decoder that read its keys and values in some layers, and each other in both
 * directions.
 */
import {
  add,
  addDims,
  attention,
  concat,
  type Dim,
  gather,
  matMul,
  multiplyDims,
  reshape,
  rotaryEmbedding,
  slice,
  softmax,
  swapLast,
  type Tensor,
} from "../../graph/index.ts";
import {
  type AttentionCore,
  type AttentionLayout,
  groupedQueries,
  headRows,
  mergeHeads,
  type RotaryInputs,
} from "./attention.ts";

/** Keys and values of a layer. */
interface LayerKeys {
  k: Tensor;
  v: Tensor;
}

/** The core `attend`, and the keys (before their rotation) and values of every layer that has run with it. */
export function keepingKeys(attend: AttentionCore): {
  attend: AttentionCore;
  kept: ReadonlyMap<number, LayerKeys>;
} {
  const kept = new Map<number, LayerKeys>();
  return {
    attend: (layer, q, k, v) => {
      kept.set(layer, { k, v });
      return attend(layer, q, k, v);
    },
    kept,
  };
}

/** The rows of a branch in training. */
interface BranchRows {
  /** Of an example, the same number for all. */
  count: Dim;
  /** int64 [count·B], token-major: the rows of the sequence in whose places they stand. */
  rows: Tensor;
  /** Additive, [B·count, T + count]: which tokens and which rows of the branch each of them sees. */
  mask: Tensor;
}

/**
 * In training: rows of the branch and of the sequence in token-major order, as in `trainingAttention`. `kept`: keys and values
 * [T·B, kvHeads·d] of the sequence.
 */
export function branchTrainingAttention(
  { batch, length, config }: AttentionLayout,
  rotary: RotaryInputs,
  { count, rows, mask }: BranchRows,
  kept: ReadonlyMap<number, LayerKeys>,
): AttentionCore {
  const { heads, kvHeads, headDim } = config;
  const places = reshape(gather(reshape(rotary.rows, [multiplyDims(batch, length)]), rows), [count, batch]);
  const rotate = (x: Tensor, tokens: Dim, n: number, at: Tensor): Tensor =>
    rotaryEmbedding(reshape(x, [tokens, batch, n * headDim]), n, rotary.cos, rotary.sin, at);
  const five = (x: Tensor, tokens: Dim): Tensor => reshape(x, [tokens, batch, kvHeads, 1, headDim]);
  const hidden = reshape(mask, [batch, 1, 1, count, addDims(length, count)]);
  return (layer, q, k, v) => {
    const trunk = kept.get(layer)!;
    const keys = [
      five(rotate(trunk.k, length, kvHeads, rotary.rows), length),
      five(rotate(k, count, kvHeads, places), count),
    ];
    const values = [five(trunk.v, length), five(v, count)];
    const queries = reshape(rotate(q, count, heads, places), [
      count,
      batch,
      kvHeads,
      heads / kvHeads,
      headDim,
    ]);
    const context = attention(queries, concat(keys, 0), concat(values, 0), hidden, 1 / Math.sqrt(headDim));
    return reshape(context, [multiplyDims(count, batch), heads * headDim]);
  };
}

/**
 * In decoding: `length` rows of the branch for each of `batch` sequences, whose cached keys and values `caches` has by layer,
 * [B, kvHeads, C, d]; additive `mask` [B, 1, 1, C] over these.
 */
export function branchCachedAttention(
  layout: AttentionLayout,
  rotary: RotaryInputs,
  caches: ReadonlyMap<number, LayerKeys>,
  mask: Tensor,
): AttentionCore {
  const cached = mask.shape[3]!;
  return (layer, q, k, v) => {
    const cache = caches.get(layer)!;
    const queries = groupedQueries(q, layout, rotary);
    const onCache = add(matMul(queries, swapLast(cache.k)), mask);
    const onOwn = matMul(queries, swapLast(headRows(k, layout, rotary)));
    const weights = softmax(concat([onCache, onOwn], 3));
    const ofCache = matMul(slice(weights, 3, 0, cached), cache.v);
    const ofOwn = slice(weights, 3, cached, addDims(cached, layout.length));
    return mergeHeads(add(ofCache, matMul(ofOwn, headRows(v, layout))), layout);
  };
}
