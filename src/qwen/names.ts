import type { QwenConfig } from "./config.ts";

/**
 * The canonical name of a stored tensor: as transformers up to 4.51 and nearly all released checkpoints spell it
 * (`visual.*`, `model.layers.*`, `lm_head.weight`). Newer prefixes (`model.visual.*`, `model.language_model.*`) and
 * the one of merged adapters (`base_model.model.*`) are taken off; other names come back unchanged.
 *
 * @example
 * canonicalName("model.language_model.norm.weight"); // "model.norm.weight"
 * canonicalName("model.visual.merger.ln_q.weight"); // "visual.merger.ln_q.weight"
 */
export function canonicalName(name: string): string {
  let rest = name;
  if (rest.startsWith("base_model.model.")) rest = rest.slice("base_model.model.".length);
  if (rest.startsWith("model.visual.")) return rest.slice("model.".length);
  if (rest.startsWith("model.language_model.")) return `model.${rest.slice("model.language_model.".length)}`;
  return rest;
}

/**
 * Every tensor that a checkpoint of this configuration must hold, by canonical name, with its shape. A tied head has
 * no tensor of its own.
 *
 * @example
 * const config = pocketConfig({ vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4 });
 * expectedTensors(config).get("model.embed_tokens.weight"); // [64, 64]
 */
export function expectedTensors({ text, vision }: QwenConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, outputs: number, inputs: number, bias: boolean): void => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    if (bias) shapes.set(`${name}.bias`, [outputs]);
  };
  const norm = (name: string, width: number): void => void shapes.set(`${name}.weight`, [width]);
  const mlp = (name: string, width: number, inner: number, bias: boolean): void => {
    linear(`${name}.gate_proj`, inner, width, bias);
    linear(`${name}.up_proj`, inner, width, bias);
    linear(`${name}.down_proj`, width, inner, bias);
  };

  const { hiddenSize: v, channels, temporalPatchSize, patchSize, mergeSize } = vision;
  shapes.set("visual.patch_embed.proj.weight", [v, channels, temporalPatchSize, patchSize, patchSize]);
  for (let i = 0; i < vision.depth; i++) {
    const block = `visual.blocks.${i}`;
    norm(`${block}.norm1`, v);
    norm(`${block}.norm2`, v);
    linear(`${block}.attn.qkv`, 3 * v, v, true);
    linear(`${block}.attn.proj`, v, v, true);
    mlp(`${block}.mlp`, v, vision.intermediateSize, true);
  }
  const cell = v * mergeSize ** 2;
  norm("visual.merger.ln_q", v);
  linear("visual.merger.mlp.0", cell, cell, true);
  linear("visual.merger.mlp.2", vision.outHiddenSize, cell, true);

  const { hiddenSize: d, heads, kvHeads, headDim } = text;
  shapes.set("model.embed_tokens.weight", [text.vocabSize, d]);
  for (let i = 0; i < text.layers; i++) {
    const layer = `model.layers.${i}`;
    norm(`${layer}.input_layernorm`, d);
    linear(`${layer}.self_attn.q_proj`, heads * headDim, d, true);
    linear(`${layer}.self_attn.k_proj`, kvHeads * headDim, d, true);
    linear(`${layer}.self_attn.v_proj`, kvHeads * headDim, d, true);
    linear(`${layer}.self_attn.o_proj`, d, heads * headDim, false);
    norm(`${layer}.post_attention_layernorm`, d);
    mlp(`${layer}.mlp`, d, text.intermediateSize, false);
  }
  norm("model.norm", d);
  if (!text.tied) linear("lm_head", text.vocabSize, d, false);
  return shapes;
}
