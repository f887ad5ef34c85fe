/** Qwen3-VL as a configuration of the same network: what its config.json says, read and written. */
import { z } from "zod";
import { ensure } from "../util/index.ts";
import type { QwenConfig, TextConfig, VisionConfig } from "./config.ts";
import { parseFields, size } from "./config-schema.ts";

// Defaults are those of transformers' Qwen3VLTextConfig and Qwen3VLVisionConfig.
const textSchema = z.looseObject({
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullable().default(32),
  head_dim: size.default(128),
  intermediate_size: size,
  vocab_size: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().default(5_000_000),
  rope_scaling: z.looseObject({
    type: z.string().optional(),
    rope_type: z.string().optional(),
    mrope_section: z.tuple([size, size, size]).default([24, 20, 20]),
  }),
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.literal("silu").default("silu"),
  attention_bias: z.literal(false, "biases of attention are not supported").default(false),
});

const visionSchema = z.looseObject({
  depth: size.default(27),
  hidden_size: size.default(1152),
  num_heads: size.default(16),
  intermediate_size: size.default(4304),
  out_hidden_size: size.default(3584),
  in_channels: z.literal(3).default(3),
  patch_size: size.default(16),
  spatial_merge_size: size.default(2),
  temporal_patch_size: size.default(2),
  num_position_embeddings: size.default(2304),
  deepstack_visual_indexes: z.array(z.int().nonnegative()).default([8, 16, 24]),
  hidden_act: z.literal("gelu_pytorch_tanh").default("gelu_pytorch_tanh"),
});

const model = "Qwen3-VL";

/** Text and vision of a parsed `config.json` with `model_type` "qwen3_vl"; `kind` is the type of rotary scaling. */
export function readQwen3(
  json: Record<string, unknown>,
  where: string,
): { text: TextConfig; vision: VisionConfig; kind: string } {
  const t = parseFields(textSchema, json.text_config, where, { prefix: "text_config", model });
  const v = parseFields(visionSchema, json.vision_config, where, { prefix: "vision_config", model });
  const side = Math.round(Math.sqrt(v.num_position_embeddings));
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where: `${where}: vision_config`, expected, got }));
  check(
    side ** 2 === v.num_position_embeddings,
    "num_position_embeddings that fill a square",
    `${v.num_position_embeddings}`,
  );
  const deep = v.deepstack_visual_indexes;
  check(
    deep.every((block, i) => block < v.depth && (i === 0 || block > deep[i - 1]!)) &&
      deep.length <= t.num_hidden_layers,
    `deepstack_visual_indexes rising below the depth ${v.depth}, at most one for each decoder layer`,
    `[${deep}]`,
  );
  return {
    kind: t.rope_scaling.type ?? t.rope_scaling.rope_type ?? "default",
    text: {
      hiddenSize: t.hidden_size,
      layers: t.num_hidden_layers,
      heads: t.num_attention_heads,
      kvHeads: t.num_key_value_heads ?? t.num_attention_heads,
      headDim: t.head_dim,
      intermediateSize: t.intermediate_size,
      vocabSize: t.vocab_size,
      rmsNormEps: t.rms_norm_eps,
      ropeTheta: t.rope_theta,
      mropeSection: t.rope_scaling.mrope_section,
      // transformers interleaves whatever `mrope_interleaved` says
      mropeInterleaved: true,
      attentionBias: false,
      qkNorm: true,
      tied: t.tie_word_embeddings,
    },
    vision: {
      kind: "qwen3",
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
      // one window holds any image
      windowSize: Number.POSITIVE_INFINITY,
      fullAttentionBlocks: Array.from({ length: v.depth }, (_, i) => i),
      tokensPerSecond: 1,
      positionSide: side,
      deepstackBlocks: deep,
    },
  };
}

/** `configJson` of a Qwen3-VL configuration: text fields nested, as transformers 4.57 opens it. */
export function qwen3Json({ text, vision, tokens, raw }: QwenConfig): Record<string, unknown> {
  const { text_config, vision_config, dtype: _d, transformers_version: _v, ...top } = raw;
  const { dtype: _t, ...textKept } = (text_config ?? {}) as Record<string, unknown>;
  return {
    architectures: ["Qwen3VLForConditionalGeneration"],
    ...top,
    model_type: "qwen3_vl",
    torch_dtype: "float32",
    tie_word_embeddings: text.tied,
    image_token_id: tokens.image,
    video_token_id: tokens.video,
    vision_start_token_id: tokens.visionStart,
    vision_end_token_id: tokens.visionEnd,
    text_config: {
      max_position_embeddings: 32768,
      ...textKept,
      model_type: "qwen3_vl_text",
      hidden_act: "silu",
      hidden_size: text.hiddenSize,
      num_hidden_layers: text.layers,
      num_attention_heads: text.heads,
      num_key_value_heads: text.kvHeads,
      head_dim: text.headDim,
      intermediate_size: text.intermediateSize,
      vocab_size: text.vocabSize,
      rms_norm_eps: text.rmsNormEps,
      rope_theta: text.ropeTheta,
      rope_scaling: { rope_type: "default", mrope_interleaved: true, mrope_section: text.mropeSection },
      tie_word_embeddings: text.tied,
      attention_bias: false,
    },
    vision_config: {
      ...((vision_config ?? {}) as Record<string, unknown>),
      model_type: "qwen3_vl",
      depth: vision.depth,
      hidden_act: "gelu_pytorch_tanh",
      hidden_size: vision.hiddenSize,
      num_heads: vision.heads,
      intermediate_size: vision.intermediateSize,
      out_hidden_size: vision.outHiddenSize,
      in_channels: vision.channels,
      patch_size: vision.patchSize,
      spatial_merge_size: vision.mergeSize,
      temporal_patch_size: vision.temporalPatchSize,
      num_position_embeddings: vision.positionSide ** 2,
      deepstack_visual_indexes: vision.deepstackBlocks,
    },
  };
}
