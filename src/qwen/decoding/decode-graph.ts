/** The decode graph: the decoder with a key/value cache, one prefix per example and N continuations of it. */
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
 * What a graph decodes. "prefill": full prompts with an empty cache. "step": one token for each of B × N continuations of
 * shared prefixes. "any": both in one graph, for weights that every session would copy. "either": "any" for large models,
 * with a fused attention kernel for prompts and single continuations (selected by the input `alone`) and only the
 * requested rows in the last layer. In the other modes a continuation gets the same bits alone and in a batch.
 */
export type DecodeMode = "prefill" | "step" | "any" | "either";

interface DecodeGraphOptions {
  config: TextConfig;
  mode: DecodeMode;
  parameters: (graph: Graph) => ParameterSource;
  /** Also output the hidden states of all rows after every layer (`layer.i`; not with "last") and after the final norm (`hidden`). */
  everyHidden?: boolean | "last";
  /** With "step": `prefixMask` is [B, 1, N, 1, P], one mask per continuation. */
  perContinuation?: boolean;
  /** Not with "step": number of first layers with DeepStack features. */
  deepLayers?: number;
  /** Also output the states of the `last` rows after this layer (1: the first) as `inner`. */
  innerLayer?: number;
}

/** Whether ONNX Runtime has the kernel of "either" for a model: on the CPU, for head sizes that are a multiple of 8. */
export const groupsQueries = ({ headDim }: TextConfig, device: Device = "cpu"): boolean =>
  device === "cpu" && headDim % 8 === 0;

/** The symbolic sizes of a mode. */
function sizesOf(mode: DecodeMode, config: TextConfig): CacheSizes {
  if (mode === "prefill") return { config, N: 1, S: 0, T: "T" };
  return { config, N: "N", S: "S", T: mode === "any" ? "T" : 1 };
}

/**
 * Inputs: `embeddings` [B·N·T, D], rotary `cos`, `sin` [B·N·T, d/2] and `rows` [B, N·T], caches and masks of
 * `cached-attention.ts`; except for "step" `last`, the rows of the logits; with `deepLayers` `deep.i` [Z, D] per layer and
 * `deepRow` [B·N·T], the row for every token. With "either" N counts continuations, or the tokens of separate sequences.
 *
 * Outputs: `logits` [B·N, V], `feedback` [B·N, D] (post-norm hidden states of the `last` rows), and the extended caches
 * `k.i`, `v.i`.
 */
export function decodeGraph({
  config,
  mode,
  parameters,
  everyHidden = false,
  perContinuation = false,
  deepLayers = 0,
  innerLayer,
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
  // every symbolic size must be an axis of some input
  const tableRows = input(g, "rows", "int64", [B, each]);
  const last =
    mode === "step" ? null : input(g, "last", "int64", [mode === "either" ? "R" : multiplyDims(B, sizes.N)]);
  const shared = sharedAttention(g, sizes, { ownMasks: perContinuation || mode !== "step" });
  const cached = mode === "either" ? selectAttention(g, singleAttention(g, config, each), shared) : shared;

  const attend: AttentionCore = (layer, q, k, v) => {
    const perExample = (x: Tensor, count: number) => reshape(x, [B, each, count * headDim]);
    const rotated = (x: Tensor, count: number) =>
      rotaryEmbedding(perExample(x, count), count, cos, sin, tableRows);
    const attended = cached(layer, {
      q: rotated(q, heads),
      k: rotated(k, kvHeads),
      v: perExample(v, kvHeads),
    });
    output(`k.${layer}`, attended.k);
    output(`v.${layer}`, attended.v);
    return reshape(attended.context, q.shape);
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
      if (layer + 1 === innerLayer) output("inner", last ? gather(t, last) : t);
      return t;
    },
  });
  if (everyHidden) output("hidden", hidden);
  const feedback = last && !narrowed ? gather(hidden, last) : hidden;
  output("feedback", feedback);
  output("logits", languageHead(config, parameter, feedback));
  return g;
}
