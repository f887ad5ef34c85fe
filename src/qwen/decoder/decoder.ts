/** The decoder of Qwen2.5-VL (`Qwen2_5_VLTextModel`) and Qwen3-VL (`Qwen3VLTextModel`), for training and decoding. */
import { add, gather, reshape, type Tensor } from "../../graph/index.ts";
import { linear, type ParameterSource, product, rmsNorm, swiGlu } from "../../nn/index.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";
import type { TextConfig } from "../config/types.ts";
import type { AttentionCore } from "./attention.ts";

interface DecoderOptions {
  /** Given the hidden state after each layer, before the final norm: what stands in its place. */
  onLayer?: (layer: number, hidden: Tensor) => Tensor;
  /** int64 rows of the result: the last layer computes queries of these only. Default: all rows. */
  queryRows?: Tensor;
  /** int64 rows of the result after attention: the last layer caches keys and values of all rows; rows may repeat. */
  outputRows?: Tensor;
  /** DeepStack: [rows, width] added to the output of each of the first layers. */
  deep?: readonly Tensor[];
}

/**
 * Input embeddings [rows, width] → post-norm hidden states [rows, width], the input of the language-model head and of
 * latent slots (docs/published-families.md §0.1).
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
    hidden = onLayer?.(i, hidden) ?? hidden;
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
