/** Qwen2.5-VL's config.json, read and written. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { depth, parseFields, size } from "./parse-fields.ts";
import { type ConfigLevel, readRotaryParameters } from "./rope-parameters.ts";
import {
  type Architecture,
  readText,
  readVision,
  textFields,
  textJson,
  tokensJson,
  visionFields,
  visionJson,
} from "./shared-fields.ts";
import type { QwenConfig } from "./types.ts";

// Defaults of transformers' Qwen2_5_VLTextConfig and Qwen2_5_VLVisionConfig: a saved config omits values that equal
// them.
const textSchema = z.looseObject({
  ...textFields,
  num_key_value_heads: size.nullish(),
  rms_norm_eps: z.number().positive().default(1e-5),
  head_dim: size.nullish(),
  use_sliding_window: z.literal(false, "sliding-window attention is not supported").default(false),
});

const visionSchema = z.looseObject({
  ...visionFields,
  depth: depth.default(32),
  hidden_size: size.default(3584),
  intermediate_size: size.default(3420),
  patch_size: size.default(14),
  window_size: size.default(112),
  fullatt_block_indexes: z.array(z.int().nonnegative()).default([7, 15, 23, 31]),
  tokens_per_second: z.number().positive().default(4),
  hidden_act: z.literal("silu").default("silu"),
});

const expected = "the configuration of a Qwen2.5-VL model";

/** Text and vision of a parsed `config.json` with `model_type` "qwen2_5_vl". */
export function readQwen25(json: Record<string, unknown>, where: string): Architecture {
  const nested = json.text_config !== undefined && json.text_config !== null;
  const prefix = nested ? "text_config" : "";
  const t = parseFields(textSchema, nested ? json.text_config : json, where, expected, prefix);
  const top: ConfigLevel = { path: "", json };
  const levels = nested ? [{ path: prefix, json: t }, top] : [top];
  const rope = readRotaryParameters(levels, where, { expected, defaultSection: null });
  const tied = t.tie_word_embeddings === true || json.tie_word_embeddings === true;
  const v = parseFields(visionSchema, json.vision_config, where, expected, "vision_config");
  const headDim = t.hidden_size / t.num_attention_heads;
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where, expected, got }));
  check(
    Number.isInteger(headDim),
    "hidden_size divisible by num_attention_heads",
    `${t.hidden_size} / ${t.num_attention_heads}`,
  );
  // transformers 4.57 ignores head_dim here; a different value belongs to another model
  check(
    (t.head_dim ?? headDim) === headDim,
    `head_dim ${headDim}, hidden_size / num_attention_heads`,
    `${t.head_dim}`,
  );
  return {
    text: {
      ...readText(t, rope, tied),
      headDim,
      mropeInterleaved: false,
      attentionBias: true,
      qkNorm: false,
    },
    vision: {
      kind: "qwen2_5",
      ...readVision(v),
      windowSize: v.window_size,
      fullAttentionBlocks: v.fullatt_block_indexes,
      tokensPerSecond: v.tokens_per_second,
      positionSide: 0,
      deepstackBlocks: [],
    },
  };
}

/** `configJson` of a Qwen2.5-VL configuration: text fields at the top level, as published. */
export function qwen25Json({ text, vision, tokens, raw }: QwenConfig): Record<string, unknown> {
  const { text_config, vision_config, ...top } = raw;
  const passed = { ...((text_config ?? {}) as Record<string, unknown>), ...top };
  // derived from other fields, or specific to the program that wrote the file
  for (const key of ["layer_types", "dtype", "transformers_version", "rope_parameters"]) delete passed[key];
  const { rope_parameters: _r, ...visionKept } = (vision_config ?? {}) as Record<string, unknown>;
  return {
    architectures: ["Qwen2_5_VLForConditionalGeneration"],
    max_position_embeddings: 32768,
    ...passed,
    model_type: "qwen2_5_vl",
    torch_dtype: "float32",
    ...textJson(text),
    rope_scaling: { type: "mrope", mrope_section: text.mropeSection },
    use_sliding_window: false,
    ...tokensJson(tokens),
    vision_config: {
      ...visionKept,
      model_type: "qwen2_5_vl",
      hidden_act: "silu",
      ...visionJson(vision),
      window_size: vision.windowSize,
      fullatt_block_indexes: vision.fullAttentionBlocks,
      tokens_per_second: vision.tokensPerSecond,
    },
  };
}
