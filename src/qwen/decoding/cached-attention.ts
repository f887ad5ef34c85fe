/** Attention over key/value caches: N continuations of shared prefixes, and single sequences. */
import {
  add,
  addDims,
  choose,
  concat,
  type Dim,
  type Graph,
  groupQueryAttention,
  input,
  matMul,
  mul,
  multiplyDims,
  reshape,
  scalar,
  slice,
  softmax,
  swapLast,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import type { TextConfig } from "../config/types.ts";

/** Rotated queries and keys, and values, [B, rows per example, heads·d] each. */
interface Projections {
  q: Tensor;
  k: Tensor;
  v: Tensor;
}

/** The context, in the shape of the queries, and the caches with the new tokens. */
interface CachedAttentionOutput {
  context: Tensor;
  k: Tensor;
  v: Tensor;
}

type CachedAttention = (layer: number, rows: Projections) => CachedAttentionOutput;

export interface CacheSizes {
  config: TextConfig;
  /** Continuations per example, their tokens so far, and the tokens that this run adds to each. */
  N: Dim;
  S: Dim;
  T: Dim;
}

const B = "B";

/**
 * Continuations of shared prefixes: `prefix.k.i`, `prefix.v.i` [B, kvHeads, P, d] per example, and for its N
 * continuations only the later tokens, `suffix.k.i`, `suffix.v.i` [B·kvHeads, N, S, d]. Queries of all continuations are
 * rows of one product with the prefix, which is therefore read once for any N; one softmax covers the scores on prefix
 * and suffix. `mask` [B, 1, N, 1, (T,) S + T] is added to scores on the suffix, `prefixMask` [B, 1, N or 1, 1, P] to those
 * on the prefix. S = 0 means an empty cache without a prefix.
 */
export function sharedAttention(
  g: Graph,
  { config, N, S, T }: CacheSizes,
  { ownMasks }: { ownMasks: boolean },
): CachedAttention {
  const { heads, kvHeads, headDim: d } = config;
  const group = heads / kvHeads;
  const span = addDims(S, T);
  const per = multiplyDims(group, T);
  const all = multiplyDims(N, per);
  const apart = multiplyDims(B, kvHeads);
  const one = T === 1;
  const mask = input(g, "mask", "float32", [B, 1, N, 1, ...(one ? [] : [T]), span]);
  const prefixMask = S === 0 ? null : input(g, "prefixMask", "float32", [B, 1, ownMasks ? N : 1, 1, "P"]);
  const inputs = Array.from({ length: S === 0 ? 0 : config.layers }, (_, layer) => {
    const cache = (kind: string, shape: Dim[]) => input(g, `${kind}.${layer}`, "float32", shape);
    return {
      k: cache("suffix.k", [apart, N, S, d]),
      v: cache("suffix.v", [apart, N, S, d]),
      prefixK: cache("prefix.k", [B, kvHeads, "P", d]),
      prefixV: cache("prefix.v", [B, kvHeads, "P", d]),
    };
  });

  return (layer, { q, k, v }) => {
    const before = inputs[layer];
    const cached = (fresh: Tensor, old?: Tensor): Tensor => {
      const rows = transpose(reshape(fresh, [B, N, T, kvHeads, d]), [0, 3, 1, 2, 4]);
      const own = reshape(rows, [apart, N, T, d]);
      return old ? concat([old, own], 2) : own;
    };
    const [keys, values] = [cached(k, before?.k), cached(v, before?.v)];
    const grouped = (x: Tensor): Tensor => reshape(x, [B, kvHeads, N, span, d]);

    const scaled = mul(q, scalar(q, 1 / Math.sqrt(d)));
    const split = one
      ? transpose(reshape(scaled, [B, N, kvHeads, group, d]), [0, 2, 1, 3, 4])
      : transpose(reshape(scaled, [B, N, T, kvHeads, group, d]), [0, 3, 1, 4, 2, 5]);
    const queries = reshape(split, [B, kvHeads, N, per, d]);
    const scores = matMul(queries, swapLast(grouped(keys)));
    const byRow = reshape(scores, [B, kvHeads, N, group, ...(one ? [] : [T]), span]);
    const own = reshape(add(byRow, mask), [B, kvHeads, N, per, span]);
    let context: Tensor;
    if (!before || !prefixMask) context = matMul(softmax(own), grouped(values));
    else {
      const onPrefix = matMul(reshape(queries, [B, kvHeads, all, d]), swapLast(before.prefixK));
      const shared = add(reshape(onPrefix, [B, kvHeads, N, per, "P"]), prefixMask);
      const weights = softmax(concat([shared, own], 4));
      const ofPrefix = reshape(slice(weights, 4, 0, "P"), [B, kvHeads, all, "P"]);
      const ofOwn = slice(weights, 4, "P", addDims("P", span));
      const fromPrefix = reshape(matMul(ofPrefix, before.prefixV), [B, kvHeads, N, per, d]);
      context = add(fromPrefix, matMul(ofOwn, grouped(values)));
    }
    const merged = one
      ? transpose(context, [0, 2, 1, 3, 4])
      : transpose(reshape(context, [B, kvHeads, N, group, T, d]), [0, 2, 4, 1, 3, 5]);
    return { context: reshape(merged, q.shape), k: keys, v: values };
  };
}

/**
 * B sequences with separate caches `past.k.i`, `past.v.i` [B, kvHeads, C, d]: prompts (empty cache), or the next token of
 * each. One kernel (`groupQueryAttention`, with `lengths`, `total`, and `bias` [B, 1, T, total]), which appends in place
 * if the cache has room.
 */
export function singleAttention(g: Graph, config: TextConfig, T: Dim): CachedAttention {
  const { heads, kvHeads, headDim: d } = config;
  const lengths = input(g, "lengths", "int32", [B]);
  const total = input(g, "total", "int32", []);
  const bias = input(g, "bias", "float32", [B, 1, T, "L"]);
  const past = Array.from({ length: config.layers }, (_, layer) => {
    const cache = (kind: string) => input(g, `past.${kind}.${layer}`, "float32", [B, kvHeads, "C", d]);
    return { pastK: cache("k"), pastV: cache("v") };
  });
  return (layer, rows) =>
    groupQueryAttention({ ...rows, ...past[layer]!, lengths, total, bias }, heads, 1 / Math.sqrt(d));
}

/** `single` if the graph input `alone` is true, else `shared`. */
export function selectAttention(g: Graph, single: CachedAttention, shared: CachedAttention): CachedAttention {
  const condition = input(g, "alone", "bool", []);
  return (layer, rows) => {
    const results = (core: CachedAttention) => (): readonly Tensor[] => {
      const { context, k, v } = core(layer, rows);
      return [context, k, v];
    };
    const [context, k, v] = choose(condition, results(single), results(shared));
    return { context: context!, k: k!, v: v! };
  };
}
