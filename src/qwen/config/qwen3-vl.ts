/** Qwen3-VL as a configuration of the same network: what its config.json says, read and written. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { depth, parseFields, size } from "./parse-fields.ts";
import { readRope } from "./rope-parameters.ts";
import {
  readText,
  readVision,
  textFields,
  textJson,
  tokensJson,
  visionFields,
  visionJson,
} from "./shared-fields.ts";
import type { QwenConfig, TextConfig, VisionConfig } from "./types.ts";

// Defaults are those of transformers' Qwen3VLTextConfig and Qwen3VLVisionConfig.
const textSchema = z.looseObject({
  ...textFields,
  num_key_value_heads: size.nullable().default(32),
  head_dim: size.default(128),
  rms_norm_eps: z.number().positive().default(1e-6),
  attention_bias: z.literal(false, "biases of attention are not supported").default(false),
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

const model = "Qwen3-VL";

/** Text and vision of a parsed `config.json` with `model_type` "qwen3_vl". */
export function readQwen3(
  json: Record<string, unknown>,
  where: string,
): { text: TextConfig; vision: VisionConfig } {
  const t = parseFields(textSchema, json.text_config, where, { prefix: "text_config", model });
  const v = parseFields(visionSchema, json.vision_config, where, { prefix: "vision_config", model });
  const levels = [
    { path: "text_config", json: t },
    { path: "", json },
  ];
  const rope = readRope(levels, where, { model, defaultSection: [24, 20, 20] });
  const tied = t.tie_word_embeddings === true || json.tie_word_embeddings === true;
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
    text: {
      ...readText(t, rope, tied),
      headDim: t.head_dim,
      // transformers interleaves whatever `mrope_interleaved` says
      mropeInterleaved: true,
      attentionBias: false,
      qkNorm: true,
    },
    vision: {
      kind: "qwen3",
      ...readVision(v),
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
