/**
 * The decoder of Qwen2.5-VL (`Qwen2_5_VLTextModel`) and Qwen3-VL (`Qwen3VLTextModel`), written once for training and
 * for decoding.
 */
import { add, gather, reshape, type Tensor } from "../../graph/index.ts";
import { linear, type ParameterSource, product, rmsNorm, swiGlu } from "../../nn/index.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";
import type { TextConfig } from "../config/types.ts";
import type { AttentionCore } from "./attention.ts";

export interface DecoderOptions {
  /** Called with the hidden state after each layer, before the final norm; for parity checks and probes. */
  onLayer?: (layer: number, hidden: Tensor) => void;
  /** int64 rows whose post-norm state is wanted: the last layer takes queries of these only. All without. */
  queryRows?: Tensor;
  /** int64 rows with which alone the last layer goes on once every row's keys and values are cached; a row may come twice. */
  outputRows?: Tensor;
  /** DeepStack: added [rows, width] to what the first layers give, one each. */
  deep?: readonly Tensor[];
}

/**
 * Input embeddings [rows, width] → post-norm hidden states [rows, width]: what the head reads and what a latent
 * block feeds back (docs/published-families.md §0.1).
 */
export function decoder(
  config: TextConfig,
  parameter: ParameterSource,
  embeddings: Tensor,
  attend: AttentionCore,
  { onLayer, queryRows, outputRows, deep = [] }: DecoderOptions = {},
): Tensor {
  const { heads, kvHeads, headDim, rmsNormEps, intermediateSize, hiddenSize } = config;
  let hidden = embeddings;
  for (let i = 0; i < config.layers; i++) {
    const name = `model.layers.${i}`;
    const x = rmsNorm(parameter, `${name}.input_layernorm`, hidden, rmsNormEps);
    const final = i === config.layers - 1;
    const narrowed = final && queryRows;
    const only = (rows: Tensor): Tensor => (final && outputRows ? gather(rows, outputRows) : rows);
    const project = (part: string, count: number, rows = x) =>
      linear(parameter, `${name}.self_attn.${part}_proj`, rows, count * headDim, {
        bias: config.attentionBias,
      });
    const perHead = (part: string, count: number, rows: Tensor): Tensor => {
      if (!config.qkNorm) return rows;
      const heads = reshape(rows, [rows.shape[0]!, count, headDim]);
      return reshape(rmsNorm(parameter, `${name}.self_attn.${part}_norm`, heads, rmsNormEps), rows.shape);
    };
    const queries = perHead("q", heads, project("q", heads, narrowed ? gather(x, queryRows) : x));
    if (narrowed) hidden = gather(hidden, queryRows);
    const keys = perHead("k", kvHeads, project("k", kvHeads));
    const context = only(attend(i, queries, keys, project("v", kvHeads)));
    hidden = only(hidden);
    hidden = linear(parameter, `${name}.self_attn.o_proj`, context, hiddenSize, { residual: hidden });
    const y = rmsNorm(parameter, `${name}.post_attention_layernorm`, hidden, rmsNormEps);
    hidden = swiGlu(parameter, `${name}.mlp`, y, intermediateSize, { residual: hidden });
    if (deep[i]) hidden = add(hidden, narrowed ? gather(deep[i], queryRows) : only(deep[i]));
    onLayer?.(i, hidden);
  }
  return rmsNorm(parameter, "model.norm", hidden, rmsNormEps);
}

/**
 * The embedding table [V, width].
 */
export const embeddingTable = (config: TextConfig, parameter: ParameterSource): Tensor =>
  parameter(EMBEDDING_TABLE, [config.vocabSize, config.hiddenSize]);

/**
 * Logits [rows, V] of post-norm hidden states; a tied head is the embedding table.
 */
export function languageHead(config: TextConfig, parameter: ParameterSource, hidden: Tensor): Tensor {
  return product(parameter, config.tied ? EMBEDDING_TABLE : "lm_head.weight", hidden, config.vocabSize);
}
