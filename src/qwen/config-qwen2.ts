/** Qwen2.5-VL's config.json, read and written. */
import { z } from "zod";
import { ensure } from "../util/index.ts";
import type { QwenConfig, TextConfig, VisionConfig } from "./config.ts";
import { parseFields, size } from "./config-schema.ts";

// Defaults are those of transformers' Qwen2_5_VLTextConfig and Qwen2_5_VLVisionConfig: a saved config leaves out
// what equals them.
const textSchema = z.looseObject({
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  intermediate_size: size,
  vocab_size: size,
  rms_norm_eps: z.number().positive().default(1e-5),
  rope_theta: z.number().positive().default(1_000_000),
  rope_scaling: z.looseObject({
    type: z.string().optional(),
    rope_type: z.string().optional(),
    mrope_section: z.tuple([size, size, size]),
  }),
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.literal("silu").default("silu"),
  head_dim: size.nullish(),
  use_sliding_window: z.literal(false, "sliding-window attention is not supported").default(false),
});

const visionSchema = z.looseObject({
  depth: size.default(32),
  hidden_size: size.default(3584),
  num_heads: size.default(16),
  intermediate_size: size.default(3420),
  out_hidden_size: size.default(3584),
  in_channels: z.literal(3).default(3),
  patch_size: size.default(14),
  spatial_merge_size: size.default(2),
  temporal_patch_size: size.default(2),
  window_size: size.default(112),
  fullatt_block_indexes: z.array(z.int().nonnegative()).default([7, 15, 23, 31]),
  tokens_per_second: z.number().positive().default(4),
  hidden_act: z.literal("silu").default("silu"),
});

/** Text and vision of a parsed `config.json` with `model_type` "qwen2_5_vl"; `kind` is the type of rotary scaling. */
export function readQwen2(
  json: Record<string, unknown>,
  where: string,
): { text: TextConfig; vision: VisionConfig; kind: string } {
  const model = "Qwen2.5-VL";
  const nested = json.text_config !== undefined && json.text_config !== null;
  const prefix = nested ? "text_config" : "";
  const t = parseFields(textSchema, nested ? json.text_config : json, where, { prefix, model });
  const v = parseFields(visionSchema, json.vision_config, where, { prefix: "vision_config", model });
  const headDim = t.hidden_size / t.num_attention_heads;
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where, expected, got }));
  check(
    Number.isInteger(headDim),
    "hidden_size divisible by num_attention_heads",
    `${t.hidden_size} / ${t.num_attention_heads}`,
  );
  // transformers 4.57 ignores head_dim here; one that differs belongs to another model
  check(
    (t.head_dim ?? headDim) === headDim,
    `head_dim ${headDim}, hidden_size / num_attention_heads`,
    `${t.head_dim}`,
  );
  return {
    kind: t.rope_scaling.type ?? t.rope_scaling.rope_type ?? "default",
    text: {
      hiddenSize: t.hidden_size,
      layers: t.num_hidden_layers,
      heads: t.num_attention_heads,
      kvHeads: t.num_key_value_heads ?? t.num_attention_heads,
      headDim,
      intermediateSize: t.intermediate_size,
      vocabSize: t.vocab_size,
      rmsNormEps: t.rms_norm_eps,
      ropeTheta: t.rope_theta,
      mropeSection: t.rope_scaling.mrope_section,
      mropeInterleaved: false,
      attentionBias: true,
      qkNorm: false,
      tied: t.tie_word_embeddings,
    },
    vision: {
      kind: "qwen2_5",
      depth: v.depth,
      hiddenSize: v.hidden_size,
      heads: v.num_heads,
      intermediateSize: v.intermediate_size,
      outHiddenSize: v.out_hidden_size,
      channels: v.in_channels,
      patchSize: v.patch_size,
      mergeSize: v.spatial_merge_size,
      temporalPatchSize: v.temporal_patch_size,
      patchDim: v.in_channels * v.temporal_patch_size * v.patch_size ** 2,
      windowSize: v.window_size,
      fullAttentionBlocks: v.fullatt_block_indexes,
      tokensPerSecond: v.tokens_per_second,
      positionSide: 0,
      deepstackBlocks: [],
    },
  };
}

/** `configJson` of a Qwen2.5-VL configuration: text fields at the top level, as published. */
export function qwen2Json({ text, vision, tokens, raw }: QwenConfig): Record<string, unknown> {
  const { text_config, vision_config, ...top } = raw;
  const passed = { ...((text_config ?? {}) as Record<string, unknown>), ...top };
  // what follows from other fields, or speaks of the program that wrote the file
  for (const key of ["layer_types", "dtype", "transformers_version"]) delete passed[key];
  return {
    architectures: ["Qwen2_5_VLForConditionalGeneration"],
    max_position_embeddings: 32768,
    ...passed,
    model_type: "qwen2_5_vl",
    torch_dtype: "float32",
    hidden_act: "silu",
    hidden_size: text.hiddenSize,
    num_hidden_layers: text.layers,
    num_attention_heads: text.heads,
    num_key_value_heads: text.kvHeads,
    intermediate_size: text.intermediateSize,
    vocab_size: text.vocabSize,
    rms_norm_eps: text.rmsNormEps,
    rope_theta: text.ropeTheta,
    rope_scaling: { type: "mrope", mrope_section: text.mropeSection },
    tie_word_embeddings: text.tied,
    use_sliding_window: false,
    image_token_id: tokens.image,
    video_token_id: tokens.video,
    vision_start_token_id: tokens.visionStart,
    vision_end_token_id: tokens.visionEnd,
    vision_config: {
      ...((vision_config ?? {}) as Record<string, unknown>),
      model_type: "qwen2_5_vl",
      depth: vision.depth,
      hidden_act: "silu",
      hidden_size: vision.hiddenSize,
      num_heads: vision.heads,
      intermediate_size: vision.intermediateSize,
      out_hidden_size: vision.outHiddenSize,
      in_channels: vision.channels,
      patch_size: vision.patchSize,
      spatial_merge_size: vision.mergeSize,
      temporal_patch_size: vision.temporalPatchSize,
      window_size: vision.windowSize,
      fullatt_block_indexes: vision.fullAttentionBlocks,
      tokens_per_second: vision.tokensPerSecond,
    },
  };
}
