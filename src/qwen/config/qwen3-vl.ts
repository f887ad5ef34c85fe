/** Qwen3-VL's config.json, read and written: a configuration of the same network. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { depth, parseFields, size } from "./parse-fields.ts";
import { readRotaryParameters } from "./rope-parameters.ts";
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

// Defaults of transformers' Qwen3VLTextConfig and Qwen3VLVisionConfig.
const textSchema = z.looseObject({
  ...textFields,
  num_key_value_heads: size.nullable().default(32),
  head_dim: size.default(128),
  rms_norm_eps: z.number().positive().default(1e-6),
  attention_bias: z.literal(false, "attention biases are not supported").default(false),
});

const visionSchema = z.looseObject({
  ...visionFields,
  depth: depth.default(27),
  hidden_size: size.default(1152),
  intermediate_size: size.default(4304),
  patch_size: size.default(16),
  num_position_embeddings: size.default(2304),
  deepstack_visual_indexes: z.array(z.int().nonnegative()).default([8, 16, 24]),
  hidden_act: z.literal("gelu_pytorch_tanh").default("gelu_pytorch_tanh"),
});

const expected = "the configuration of a Qwen3-VL model";

/** Text and vision of a parsed `config.json` with `model_type` "qwen3_vl". */
export function readQwen3(json: Record<string, unknown>, where: string): Architecture {
  const t = parseFields(textSchema, json.text_config, where, expected, "text_config");
  const v = parseFields(visionSchema, json.vision_config, where, expected, "vision_config");
  const levels = [
    { path: "text_config", json: t },
    { path: "", json },
  ];
  const rope = readRotaryParameters(levels, where, { expected, defaultSection: [24, 20, 20] });
  const tied = t.tie_word_embeddings === true || json.tie_word_embeddings === true;
  const side = Math.round(Math.sqrt(v.num_position_embeddings));
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where: `${where}: vision_config`, expected, got }));
  check(
    side ** 2 === v.num_position_embeddings,
    "num_position_embeddings that is a square number",
    `${v.num_position_embeddings}`,
  );
  const deep = v.deepstack_visual_indexes;
  check(
    deep.every((block, i) => block < v.depth && (i === 0 || block > deep[i - 1]!)) &&
      deep.length <= t.num_hidden_layers,
    `ascending deepstack_visual_indexes below the depth ${v.depth}, at most one per decoder layer`,
    `[${deep}]`,
  );
  return {
    text: {
      ...readText(t, rope, tied),
      headDim: t.head_dim,
      // transformers interleaves regardless of `mrope_interleaved`
      mropeInterleaved: true,
      attentionBias: false,
      qkNorm: true,
    },
    vision: {
      kind: "qwen3",
      ...readVision(v),
      // a single window covers any image
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
  const {
    text_config,
    vision_config,
    dtype: _d,
    transformers_version: _v,
    rope_parameters: _o,
    ...top
  } = raw;
  const { dtype: _t, rope_parameters: _r, ...textKept } = (text_config ?? {}) as Record<string, unknown>;
  const { rope_parameters: _p, ...visionKept } = (vision_config ?? {}) as Record<string, unknown>;
  return {
    architectures: ["Qwen3VLForConditionalGeneration"],
    ...top,
    model_type: "qwen3_vl",
    torch_dtype: "float32",
    tie_word_embeddings: text.tied,
    ...tokensJson(tokens),
    text_config: {
      max_position_embeddings: 32768,
      ...textKept,
      model_type: "qwen3_vl_text",
      ...textJson(text),
      head_dim: text.headDim,
      rope_scaling: { rope_type: "default", mrope_interleaved: true, mrope_section: text.mropeSection },
      attention_bias: false,
    },
    vision_config: {
      ...visionKept,
      model_type: "qwen3_vl",
      hidden_act: "gelu_pytorch_tanh",
      ...visionJson(vision),
      num_position_embeddings: vision.positionSide ** 2,
      deepstack_visual_indexes: vision.deepstackBlocks,
    },
  };
}
