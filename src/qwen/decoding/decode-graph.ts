/** The decoder as a step machine with a key/value cache: one prefix per example, N continuations of it. */
import {
  createGraph,
  type Device,
  type Dim,
  type Graph,
  gather,
  input,
  multiplyDims,
  output,
  reshape,
  rotaryEmbedding,
  type Tensor,
} from "../../graph/index.ts";
import type { ParameterSource } from "../../nn/index.ts";
import type { TextConfig } from "../config/types.ts";
import type { AttentionCore } from "../decoder/attention.ts";
import { decoder, languageHead } from "../decoder/decoder.ts";
import { type CacheSizes, selectAttention, sharedAttention, singleAttention } from "./cached-attention.ts";

/**
 * What a graph decodes. "prefill": whole prompts, nothing cached yet. "step": one token for each of B × N continuations of
 * shared prefixes. "any": both and what lies between, in one graph, for weights of which every session would hold a copy
 * of its own. "either" is "any" for large models: prompts and single continuations have one kernel for attention, as the
 * input `alone` says, and only the rows that are asked for go through the last layer. The others compute row by row in
 * the same way, so that a continuation gets the same bits alone and beside others.
 */
export type DecodeMode = "prefill" | "step" | "any" | "either";

export interface DecodeGraphOptions {
  config: TextConfig;
  mode: DecodeMode;
  parameters: (graph: Graph) => ParameterSource;
  /** Also output the hidden state of every row after every layer (`layer.i`; not with "last") and after the final norm (`hidden`). */
  everyHidden?: boolean | "last";
  /** With "step": `prefixMask` is [B, 1, N, 1, P], so that a continuation may be kept from parts of the prefix. */
  perContinuation?: boolean;
  /** Not with "step": this many of the first layers take DeepStack features of images. */
  deepLayers?: number;
}

/** Whether ONNX Runtime has the kernel of "either" for a model: on the CPU, for heads of a multiple of 8. */
export const groupsQueries = ({ headDim }: TextConfig, device: Device = "cpu"): boolean =>
  device === "cpu" && headDim % 8 === 0;

/** Names of what a run adds and of how many continuations there are; see `CacheSizes`. */
function sizesOf(mode: DecodeMode, config: TextConfig): CacheSizes {
  if (mode === "prefill") return { config, N: 1, S: 0, T: "T" };
  return { config, N: "N", S: "S", T: mode === "any" ? "T" : 1 };
}

/**
 * Inputs: `embeddings` [B·N·T, D], rotary `cos`, `sin` [B·N·T, d/2] and `rows` [B, N·T], caches and masks of
 * `decode-attention.ts`; but for "step" `last`, rows whose logits are wanted; with `deepLayers` `deep.i` [Z, D] of each
 * and `deepRow` [B·N·T], the row of it that every token takes. With "either" N are continuations or the tokens of
 * sequences that share nothing.
 *
 * Outputs: `logits` [B·N, V], `feedback` [B·N, D] (post-norm hidden state of the `last` rows), and the caches `k.i`,
 * `v.i` with what was added.
 */
export function decodeGraph({
  config,
  mode,
  parameters,
  everyHidden = false,
  perContinuation = false,
  deepLayers = 0,
}: DecodeGraphOptions): Graph {
  const g = createGraph(mode, { direct: true });
  const parameter = parameters(g);
  const { kvHeads, headDim, heads } = config;
  const B: Dim = "B";
  const sizes = sizesOf(mode, config);
  const each = multiplyDims(sizes.N, sizes.T);
  const rows = multiplyDims(B, each);

  const embeddings = input(g, "embeddings", "float32", [rows, config.hiddenSize]);
  const cos = input(g, "cos", "float32", [rows, headDim / 2]);
  const sin = input(g, "sin", "float32", [rows, headDim / 2]);
  // Sizes that a step reads at run time need an axis of their own on some input.
  const places = input(g, "rows", "int64", [B, each]);
  const last =
    mode === "step" ? null : input(g, "last", "int64", [mode === "either" ? "R" : multiplyDims(B, sizes.N)]);
  const shared = sharedAttention(g, sizes, { ownMasks: perContinuation || mode !== "step" });
  const cached = mode === "either" ? selectAttention(g, singleAttention(g, config, each), shared) : shared;

  const attend: AttentionCore = (layer, q, k, v) => {
    const perExample = (x: Tensor, count: number) => reshape(x, [B, each, count * headDim]);
    const placed = (x: Tensor, count: number) =>
      rotaryEmbedding(perExample(x, count), count, cos, sin, places);
    const made = cached(layer, { q: placed(q, heads), k: placed(k, kvHeads), v: perExample(v, kvHeads) });
    output(`k.${layer}`, made.k);
    output(`v.${layer}`, made.v);
    return reshape(made.context, q.shape);
  };

  const deepRow = deepLayers > 0 ? input(g, "deepRow", "int64", [rows]) : null;
  const deep = Array.from({ length: deepLayers }, (_, i) =>
    gather(input(g, `deep.${i}`, "float32", ["Z", config.hiddenSize]), deepRow!),
  );
  const narrowed = mode === "either" && !everyHidden;
  const hidden = decoder(config, parameter, embeddings, attend, {
    deep,
    ...(narrowed && { outputRows: last! }),
    onLayer: (layer, t) => {
      if (everyHidden === true) output(`layer.${layer}`, t);
    },
  });
  if (everyHidden) output("hidden", hidden);
  const feedback = last && !narrowed ? gather(hidden, last) : hidden;
  output("feedback", feedback);
  output("logits", languageHead(config, parameter, feedback));
  return g;
}
