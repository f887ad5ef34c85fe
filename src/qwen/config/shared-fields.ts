/** Fields of config.json that both architectures share, read and written. */
import { z } from "zod";
import { depth, size } from "./parse-fields.ts";
import type { RotaryParameters } from "./rope-parameters.ts";
import type { QwenConfig, TextConfig, TokenIds, VisionConfig } from "./types.ts";

/** Decoder fields without a default, or with the same default in both architectures. */
export const textFields = {
  hidden_size: size,
  num_hidden_layers: depth,
  num_attention_heads: size,
  intermediate_size: size,
  vocab_size: size,
  tie_word_embeddings: z.boolean().nullish(),
  hidden_act: z.literal("silu").default("silu"),
  layer_types: z
    .array(z.literal("full_attention", "only layers with full attention are supported"))
    .nullish(),
};
/** Vision-tower fields with the same default in both architectures. */
export const visionFields = {
  num_heads: size.default(16),
  out_hidden_size: size.default(3584),
  in_channels: z.literal(3).default(3),
  spatial_merge_size: size.default(2),
  temporal_patch_size: size.default(2),
  // written by transformers 5; these values were fixed before
  rope_parameters: z
    .looseObject({
      rope_theta: z.literal(10000, "only rotary positions of base 10000 are supported").nullish(),
      rope_type: z.enum(["axial", "default"], "only unscaled rotary positions are supported").nullish(),
    })
    .nullish(),
};

/** Text and vision configuration of one architecture. */
export type Architecture = Pick<QwenConfig, "text" | "vision">;

interface TextJson {
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads?: number | null | undefined;
  intermediate_size: number;
  vocab_size: number;
  rms_norm_eps: number;
}

/** Decoder fields that the architectures read in different ways. */
type OwnText = "headDim" | "mropeInterleaved" | "attentionBias" | "qkNorm";

export const readText = (t: TextJson, rope: RotaryParameters, tied: boolean): Omit<TextConfig, OwnText> => ({
  hiddenSize: t.hidden_size,
  layers: t.num_hidden_layers,
  heads: t.num_attention_heads,
  kvHeads: t.num_key_value_heads ?? t.num_attention_heads,
  intermediateSize: t.intermediate_size,
  vocabSize: t.vocab_size,
  rmsNormEps: t.rms_norm_eps,
  ropeTheta: rope.theta,
  mropeSection: rope.section,
  tied,
});

export const textJson = (text: TextConfig) => ({
  hidden_act: "silu",
  hidden_size: text.hiddenSize,
  num_hidden_layers: text.layers,
  num_attention_heads: text.heads,
  num_key_value_heads: text.kvHeads,
  intermediate_size: text.intermediateSize,
  vocab_size: text.vocabSize,
  rms_norm_eps: text.rmsNormEps,
  rope_theta: text.ropeTheta,
  tie_word_embeddings: text.tied,
});

interface VisionJson {
  depth: number;
  hidden_size: number;
  num_heads: number;
  intermediate_size: number;
  out_hidden_size: number;
  in_channels: 3;
  patch_size: number;
  spatial_merge_size: number;
  temporal_patch_size: number;
}

/** Vision-tower fields that the architectures read in different ways. */
type OwnVision =
  | "kind"
  | "windowSize"
  | "fullAttentionBlocks"
  | "tokensPerSecond"
  | "positionSide"
  | "deepstackBlocks";

export const readVision = (v: VisionJson): Omit<VisionConfig, OwnVision> => ({
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
});

export const visionJson = (vision: VisionConfig) => ({
  depth: vision.depth,
  hidden_size: vision.hiddenSize,
  num_heads: vision.heads,
  intermediate_size: vision.intermediateSize,
  out_hidden_size: vision.outHiddenSize,
  in_channels: vision.channels,
  patch_size: vision.patchSize,
  spatial_merge_size: vision.mergeSize,
  temporal_patch_size: vision.temporalPatchSize,
});

export const tokensJson = (tokens: TokenIds) => ({
  image_token_id: tokens.image,
  video_token_id: tokens.video,
  vision_start_token_id: tokens.visionStart,
  vision_end_token_id: tokens.visionEnd,
});
