import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { id, parseFields } from "./parse-fields.ts";
import { qwen25Json, readQwen25 } from "./qwen2-5-vl.ts";
import { qwen3Json, readQwen3 } from "./qwen3-vl.ts";
import type { Architecture } from "./shared-fields.ts";
import type { ModelType, QwenConfig, TokenIds } from "./types.ts";

const rootSchema = z.looseObject({
  model_type: z.string(),
  vision_config: z.unknown().optional(),
  text_config: z.unknown().optional(),
  image_token_id: id.default(151655),
  video_token_id: id.default(151656),
  vision_start_token_id: id.default(151652),
  vision_end_token_id: id.default(151653),
});

function checkSizes({ text, vision }: Architecture, where: string): void {
  const check = (condition: boolean, expected: string, got: string, place = where): void =>
    ensure(condition, "checkpoint", () => ({ where: place, expected, got }));
  const { heads, kvHeads, headDim, mropeSection } = text;
  check(
    heads % kvHeads === 0,
    "num_attention_heads divisible by num_key_value_heads",
    `${heads} / ${kvHeads}`,
  );
  const total = mropeSection[0] + mropeSection[1] + mropeSection[2];
  check(2 * total === headDim, `mrope_section adding up to ${headDim / 2}, half a head`, `[${mropeSection}]`);
  const inVision = `${where}: vision_config`;
  const head = vision.hiddenSize / vision.heads;
  check(
    head % 4 === 0,
    "hidden_size / num_heads divisible by 4 (two rotary axes)",
    `${vision.hiddenSize} / ${vision.heads}`,
    inVision,
  );
  check(
    vision.outHiddenSize === text.hiddenSize,
    `out_hidden_size ${text.hiddenSize}, the decoder's width`,
    `${vision.outHiddenSize}`,
    inVision,
  );
  check(
    vision.windowSize >= vision.patchSize * vision.mergeSize,
    `window_size of at least one merged cell of ${vision.patchSize * vision.mergeSize} pixels`,
    `${vision.windowSize}`,
    inVision,
  );
}

const architectures = {
  qwen2_5_vl: { read: readQwen25, write: qwen25Json },
  qwen3_vl: { read: readQwen3, write: qwen3Json },
} as const satisfies Record<ModelType, unknown>;

/**
 * Whether Lintel computes a model of this `model_type` itself.
 *
 * @example
 * isKnown("qwen2_vl"); // false
 */
export const isKnown = (type: string): type is ModelType => Object.hasOwn(architectures, type);

/**
 * Reads the parsed `config.json` of a checkpoint: Qwen2.5-VL in the published form (text fields at the top level) or as
 * transformers 4.52 to 5.24 writes it (nested `text_config`, which then takes precedence), or Qwen3-VL. Rotary
 * positions are read from `rope_theta` and `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5),
 * `tie_word_embeddings` from either level. Unknown keys are kept in `raw`.
 *
 * Errors: "checkpoint" naming every wrong field, or two fields that contradict each other.
 */
export function parseConfig(json: unknown, where: string): QwenConfig {
  const root = parseFields(rootSchema, json, where, "the configuration of a Qwen2.5-VL or Qwen3-VL model");
  const modelType = root.model_type;
  ensure(isKnown(modelType), "checkpoint", () => ({
    where: `${where}: model_type`,
    value: true,
    expected: '"qwen2_5_vl" or "qwen3_vl"',
    got: JSON.stringify(modelType),
    attempt:
      "a checkpoint based on Qwen2.5-VL or Qwen3-VL, or --engine torch, which runs other architectures",
  }));
  ensure(root.quantization_config == null, "checkpoint", () => ({
    where: `${where}: quantization_config`,
    expected: "weights without quantization",
    got: "a quantized checkpoint",
    attempt: "the release of this model without quantization",
  }));
  const { text, vision } = architectures[modelType].read(root, where);
  checkSizes({ text, vision }, where);
  const tokens: TokenIds = {
    image: root.image_token_id,
    video: root.video_token_id,
    visionStart: root.vision_start_token_id,
    visionEnd: root.vision_end_token_id,
  };
  // the embedding of this id is looked up before the image features replace it
  ensure(tokens.image < text.vocabSize, "checkpoint", () => ({
    where: `${where}: image_token_id`,
    expected: `an id below vocab_size ${text.vocabSize}`,
    got: String(tokens.image),
  }));
  return { modelType, text, vision, tokens, raw: json as Record<string, unknown> };
}

/**
 * The `config.json` of a configuration, in the published form, with rotary positions as transformers 4 writes them.
 * transformers 4.49 to 5.24 opens Qwen2.5-VL's, 4.57 to 5.24 Qwen3-VL's. Unknown keys of `raw` are passed through.
 *
 * @example
 * configJson(pocketConfig({ vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4 })).model_type; // "qwen2_5_vl"
 */
export const configJson = (config: QwenConfig): Record<string, unknown> =>
  architectures[config.modelType].write(config);
