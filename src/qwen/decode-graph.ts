/**
 * The decoder as a step machine with a key/value cache: one prefix per example, N continuations of it.
 *
 * The prefix (everything up to the latent block) is kept once, [B, kvHeads, P, d]; each of the N continuations keeps
 * only what came after, [B, kvHeads, N, S, d]. Queries of all continuations are rows of one product with the shared
 * prefix, so that its keys and values are read once, whatever N is.
 */
import {
  add,
  addDims,
  concat,
  createGraph,
  type Dim,
  type Graph,
  gather,
  input,
  matMul,
  multiplyDims,
  output,
  reshape,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import type { ParameterSource } from "../nn/index.ts";
import { type AttentionCore, groupedQueries, type HeadLayout, headRows, mergeHeads } from "./attention.ts";
import type { TextConfig } from "./config.ts";
import { decoder, languageHead } from "./decoder.ts";

export interface DecodeGraphOptions {
  config: TextConfig;
  /**
   * "prefill": whole prompts, nothing cached yet. "step": one token for each of B × N continuations. "any": both and
   * what lies between, in one graph, for weights of which every session would hold a copy of its own.
   */
  mode: "prefill" | "step" | "any";
  parameters: (graph: Graph) => ParameterSource;
  /** Also output the hidden state of every row after every layer (`layer.i`; not with "last") and after the final norm (`hidden`). */
  everyHidden?: boolean | "last";
  /** With "step": `prefixMask` is [B, 1, N, 1, P], so that a continuation may be kept from parts of the prefix. */
  perContinuation?: boolean;
  /** Not with "step": this many of the first layers take DeepStack features of images. */
  deepLayers?: number;
}

/**
 * Inputs: `embeddings` [B·N·T, D], rotary `cos`, `sin` [B·N·T, d/2] and `rows` [B·N, T], additive `mask`
 * [B, 1, N, 1, T, S+T] over the continuation's own tokens, `last` [B·N] rows whose logits are wanted; unless it
 * is a prefill also `prefixMask` [B, 1, 1, P] ([B, 1, N, 1, P] where continuations have their own, or T > 1), `prefix.k.i`, `prefix.v.i` and `suffix.k.i`, `suffix.v.i` of every layer; with
 * `deepLayers` `deep.i` [Z, D] of each and `deepRow` [B·T], the row of it that every token takes.
 *
 * Outputs: `logits` [B·N, V], `feedback` [B·N, D] (post-norm hidden state of the `last` rows), `k.i`, `v.i`
 * [B, kvHeads, N, S+T, d].
 */
export function decodeGraph({
  config,
  mode,
  parameters,
  everyHidden = false,
  perContinuation = false,
  deepLayers = 0,
}: DecodeGraphOptions): Graph {
  const g = createGraph(mode);
  const parameter = parameters(g);
  const { kvHeads, headDim, heads } = config;
  const group = heads / kvHeads;
  const B: Dim = "B";
  const [N, S]: [Dim, Dim] = mode === "prefill" ? [1, 0] : ["N", "S"];
  const T: Dim = mode === "step" ? 1 : "T";
  const ownMasks = perContinuation || mode === "any";
  const sequences = multiplyDims(B, N);
  const rows = multiplyDims(sequences, T);
  const span = addDims(S, T);
  const half = headDim / 2;

  const embeddings = input(g, "embeddings", "float32", [rows, config.hiddenSize]);
  const mask = input(g, "mask", "float32", [B, 1, N, 1, T, span]);
  const rotary = {
    cos: input(g, "cos", "float32", [rows, half]),
    sin: input(g, "sin", "float32", [rows, half]),
    rows: input(g, "rows", "int64", [sequences, T]),
  };
  const last = input(g, "last", "int64", [sequences]);
  const prefixMask =
    mode === "prefill"
      ? null
      : input(g, "prefixMask", "float32", ownMasks ? [B, 1, N, 1, "P"] : [B, 1, 1, "P"]);
  // Sizes that a step reads at run time need an axis of their own on some input.
  const layout: HeadLayout = { batch: sequences, length: T, config };

  /** [B·N, kvHeads, T, d] → [B, kvHeads, N, T, d]. */
  const byContinuation = (x: Tensor): Tensor =>
    transpose(reshape(x, [B, N, kvHeads, T, headDim]), [0, 2, 1, 3, 4]);

  const attend: AttentionCore = (layer, q, k, v) => {
    const cached = (kind: "k" | "v", fresh: Tensor): Tensor => {
      const own = byContinuation(fresh);
      if (mode === "prefill") return own;
      const before = input(g, `suffix.${kind}.${layer}`, "float32", [B, kvHeads, N, S, headDim]);
      return concat([before, own], 3);
    };
    const keys = cached("k", headRows(k, layout, rotary));
    const values = cached("v", headRows(v, layout));
    output(`k.${layer}`, keys);
    output(`v.${layer}`, values);

    const queriesPer = multiplyDims(group, T);
    const queries = transpose(
      reshape(groupedQueries(q, layout, rotary), [B, N, kvHeads, queriesPer, headDim]),
      [0, 2, 1, 3, 4],
    );
    const own = matMul(queries, transpose(keys, [0, 1, 2, 4, 3]));
    const masked = reshape(add(reshape(own, [B, kvHeads, N, group, T, span]), mask), [
      B,
      kvHeads,
      N,
      queriesPer,
      span,
    ]);
    let context: Tensor;
    if (mode === "prefill") context = matMul(softmax(masked), values);
    else {
      const all = multiplyDims(N, queriesPer);
      const prefixK = input(g, `prefix.k.${layer}`, "float32", [B, kvHeads, "P", headDim]);
      const prefixV = input(g, `prefix.v.${layer}`, "float32", [B, kvHeads, "P", headDim]);
      const flat = reshape(queries, [B, kvHeads, all, headDim]);
      const scores = matMul(flat, transpose(prefixK, [0, 1, 3, 2]));
      const shared = ownMasks
        ? reshape(add(reshape(scores, [B, kvHeads, N, queriesPer, "P"]), prefixMask!), [B, kvHeads, all, "P"])
        : add(scores, prefixMask!);
      const weights = softmax(concat([shared, reshape(masked, [B, kvHeads, all, span])], 3));
      const fromPrefix = matMul(slice(weights, 3, 0, "P"), prefixV);
      const onOwn = reshape(slice(weights, 3, "P", addDims("P", span)), [B, kvHeads, N, queriesPer, span]);
      context = add(reshape(fromPrefix, [B, kvHeads, N, queriesPer, headDim]), matMul(onOwn, values));
    }
    const perSequence = reshape(transpose(context, [0, 2, 1, 3, 4]), [
      sequences,
      kvHeads,
      queriesPer,
      headDim,
    ]);
    return mergeHeads(perSequence, layout);
  };

  const deepRow = deepLayers > 0 ? input(g, "deepRow", "int64", [rows]) : null;
  const deep = Array.from({ length: deepLayers }, (_, i) =>
    gather(input(g, `deep.${i}`, "float32", ["Z", config.hiddenSize]), deepRow!),
  );
  const hidden = decoder(config, parameter, embeddings, attend, {
    deep,
    onLayer: (layer, t) => {
      if (everyHidden === true) output(`layer.${layer}`, t);
    },
  });
  if (everyHidden) output("hidden", hidden);
  const feedback = gather(hidden, last);
  output("feedback", feedback);
  output("logits", languageHead(config, parameter, feedback));
  return g;
}
