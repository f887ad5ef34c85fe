import type { ModelType, QwenConfig, TextConfig } from "../config/types.ts";

/** Canonical name of the token embeddings [V, width], which a tied head shares. */
export const EMBEDDING_TABLE = "model.embed_tokens.weight";

/**
 * The canonical name of a stored tensor, as in transformers up to 4.51 and nearly all released checkpoints (`visual.*`,
 * `model.layers.*`, `lm_head.weight`). Newer prefixes (`model.visual.*`, `model.language_model.*`) and the prefix of
 * merged adapters (`base_model.model.*`) are removed; other names are returned unchanged.
 */
export function canonicalName(name: string): string {
  let rest = name;
  if (rest.startsWith("base_model.model.")) rest = rest.slice("base_model.model.".length);
  if (rest.startsWith("model.visual.")) return rest.slice("model.".length);
  if (rest.startsWith("model.language_model.")) return `model.${rest.slice("model.language_model.".length)}`;
  return rest;
}

/**
 * The name under which a tensor with this canonical name is saved, so that transformers finds it: transformers converts
 * old names of Qwen2.5-VL, but not of Qwen3-VL.
 *
 * @example
 * publishedName("visual.merger.norm.weight", "qwen3_vl"); // "model.visual.merger.norm.weight"
 */
export function publishedName(name: string, modelType: ModelType): string {
  if (modelType === "qwen2_5_vl") return name;
  if (name.startsWith("visual.")) return `model.${name}`;
  if (name.startsWith("model.")) return `model.language_model.${name.slice("model.".length)}`;
  return name;
}

/** Adds the tensors of layers to `shapes`. */
function addTo(shapes: Map<string, readonly number[]>) {
  const linear = (name: string, outputs: number, inputs: number, bias: boolean): void => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    if (bias) shapes.set(`${name}.bias`, [outputs]);
  };
  return {
    linear,
    norm(name: string, width: number, bias = false): void {
      shapes.set(`${name}.weight`, [width]);
      if (bias) shapes.set(`${name}.bias`, [width]);
    },
    mlp(name: string, width: number, inner: number, bias: boolean): void {
      linear(`${name}.gate_proj`, inner, width, bias);
      linear(`${name}.up_proj`, inner, width, bias);
      linear(`${name}.down_proj`, width, inner, bias);
    },
  };
}

/**
 * The shape of every tensor of a decoder between embeddings and language-model head, by canonical name.
 */
export function layerTensors(text: TextConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const { linear, norm, mlp } = addTo(shapes);
  const { hiddenSize: d, heads, kvHeads, headDim } = text;
  for (let i = 0; i < text.layers; i++) {
    const layer = `model.layers.${i}`;
    norm(`${layer}.input_layernorm`, d);
    linear(`${layer}.self_attn.q_proj`, heads * headDim, d, text.attentionBias);
    linear(`${layer}.self_attn.k_proj`, kvHeads * headDim, d, text.attentionBias);
    linear(`${layer}.self_attn.v_proj`, kvHeads * headDim, d, text.attentionBias);
    if (text.qkNorm) for (const part of ["q", "k"]) norm(`${layer}.self_attn.${part}_norm`, headDim);
    linear(`${layer}.self_attn.o_proj`, d, heads * headDim, false);
    norm(`${layer}.post_attention_layernorm`, d);
    mlp(`${layer}.mlp`, d, text.intermediateSize, false);
  }
  norm("model.norm", d);
  return shapes;
}

/**
 * The shape of every tensor that a checkpoint of this configuration must hold, by canonical name. A tied head has no
 * separate tensor.
 */
export function expectedTensors({ text, vision }: QwenConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const { linear, norm, mlp } = addTo(shapes);

  const { hiddenSize: v, channels, temporalPatchSize, patchSize, mergeSize } = vision;
  shapes.set("visual.patch_embed.proj.weight", [v, channels, temporalPatchSize, patchSize, patchSize]);
  const newer = vision.kind === "qwen3";
  if (newer) {
    shapes.set("visual.patch_embed.proj.bias", [v]);
    shapes.set("visual.pos_embed.weight", [vision.positionSide ** 2, v]);
  }
  for (let i = 0; i < vision.depth; i++) {
    const block = `visual.blocks.${i}`;
    norm(`${block}.norm1`, v, newer);
    norm(`${block}.norm2`, v, newer);
    linear(`${block}.attn.qkv`, 3 * v, v, true);
    linear(`${block}.attn.proj`, v, v, true);
    if (newer) {
      linear(`${block}.mlp.linear_fc1`, vision.intermediateSize, v, true);
      linear(`${block}.mlp.linear_fc2`, v, vision.intermediateSize, true);
    } else mlp(`${block}.mlp`, v, vision.intermediateSize, true);
  }
  const cell = v * mergeSize ** 2;
  const merger = (name: string, [before, inner, outer]: readonly [string, string, string], width: number) => {
    norm(`${name}.${before}`, width, newer);
    linear(`${name}.${inner}`, cell, cell, true);
    linear(`${name}.${outer}`, vision.outHiddenSize, cell, true);
  };
  const parts = newer
    ? (["norm", "linear_fc1", "linear_fc2"] as const)
    : (["ln_q", "mlp.0", "mlp.2"] as const);
  merger("visual.merger", parts, v);
  for (const i of vision.deepstackBlocks.keys()) merger(`visual.deepstack_merger_list.${i}`, parts, cell);

  shapes.set(EMBEDDING_TABLE, [text.vocabSize, text.hiddenSize]);
  for (const [name, shape] of layerTensors(text)) shapes.set(name, shape);
  if (!text.tied) linear("lm_head", text.vocabSize, text.hiddenSize, false);
  return shapes;
}
