import { z } from "zod";
import { ensure, LintelError } from "../util/index.ts";

/** Shape of the text decoder. */
export interface TextConfig {
  hiddenSize: number;
  layers: number;
  heads: number;
  kvHeads: number;
  /** hiddenSize / heads. */
  headDim: number;
  intermediateSize: number;
  vocabSize: number;
  rmsNormEps: number;
  ropeTheta: number;
  /** Frequencies that follow the temporal, vertical and horizontal position; they add up to headDim / 2. */
  mropeSection: [number, number, number];
  /** The head is the embedding table; the checkpoint holds no `lm_head.weight`. */
  tied: boolean;
}

/** Shape of the vision tower. Sizes of patches and windows in pixels. */
export interface VisionConfig {
  depth: number;
  hiddenSize: number;
  heads: number;
  intermediateSize: number;
  outHiddenSize: number;
  channels: number;
  patchSize: number;
  mergeSize: number;
  temporalPatchSize: number;
  /** Values of one patch: channels · temporalPatchSize · patchSize². */
  patchDim: number;
  windowSize: number;
  /** Blocks that attend within the whole image; the others within windows. */
  fullAttentionBlocks: number[];
  tokensPerSecond: number;
}

/** Token ids with a meaning to the model itself. */
export interface TokenIds {
  image: number;
  video: number;
  visionStart: number;
  visionEnd: number;
}

export interface QwenConfig {
  text: TextConfig;
  vision: VisionConfig;
  tokens: TokenIds;
  /** config.json as it was read, with the keys that families add. */
  raw: Record<string, unknown>;
}

const size = z.int().positive();
const id = z.int().nonnegative();

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

const rootSchema = z.looseObject({
  model_type: z.string(),
  vision_config: z.unknown().optional(),
  text_config: z.unknown().optional(),
  image_token_id: id.default(151655),
  video_token_id: id.default(151656),
  vision_start_token_id: id.default(151652),
  vision_end_token_id: id.default(151653),
});

function parse<T extends z.ZodType>(schema: T, value: unknown, where: string, prefix = ""): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const path = [prefix, ...issue.path].filter((part) => part !== "").join(".");
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  throw new LintelError("checkpoint", {
    where,
    expected: "the configuration of a Qwen2.5-VL model",
    got: faults.join("; "),
    cause: result.error,
  });
}

function checkText(text: TextConfig, raw: z.output<typeof textSchema>, where: string): void {
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where, expected, got }));
  const { hiddenSize, heads, kvHeads, headDim, mropeSection } = text;
  check(hiddenSize % heads === 0, "hidden_size divisible by num_attention_heads", `${hiddenSize} / ${heads}`);
  check(
    heads % kvHeads === 0,
    "num_attention_heads divisible by num_key_value_heads",
    `${heads} / ${kvHeads}`,
  );
  // transformers 4.57 ignores head_dim here; one that differs belongs to another model
  check(
    (raw.head_dim ?? headDim) === headDim,
    `head_dim ${headDim}, hidden_size / num_attention_heads`,
    `${raw.head_dim}`,
  );
  const total = mropeSection[0] + mropeSection[1] + mropeSection[2];
  check(2 * total === headDim, `mrope_section adding up to ${headDim / 2}, half a head`, `[${mropeSection}]`);
  const kind = raw.rope_scaling.type ?? raw.rope_scaling.rope_type ?? "default";
  check(
    kind === "mrope" || kind === "default",
    'rope_scaling of type "mrope" or "default"',
    JSON.stringify(kind),
  );
}

function checkVision(vision: VisionConfig, text: TextConfig, where: string): void {
  const check = (condition: boolean, expected: string, got: string): void =>
    ensure(condition, "checkpoint", () => ({ where: `${where}: vision_config`, expected, got }));
  const head = vision.hiddenSize / vision.heads;
  check(
    head % 4 === 0,
    "hidden_size / num_heads divisible by 4 (two rotary axes)",
    `${vision.hiddenSize} / ${vision.heads}`,
  );
  check(
    vision.outHiddenSize === text.hiddenSize,
    `out_hidden_size ${text.hiddenSize}, the decoder's width`,
    `${vision.outHiddenSize}`,
  );
  check(
    vision.windowSize >= vision.patchSize * vision.mergeSize,
    `window_size of at least one merged cell of ${vision.patchSize * vision.mergeSize} pixels`,
    `${vision.windowSize}`,
  );
}

/**
 * Reads the parsed `config.json` of a Qwen2.5-VL checkpoint, in the published form (text fields at the top level)
 * or as transformers ≥ 4.52 writes it (nested `text_config`, which then alone counts). Unknown keys are kept in
 * `raw`. Throws `LintelError` "checkpoint" that names `where` and every wrong field.
 *
 * @example
 * const raw = configJson(pocketConfig({ vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4 }));
 * parseConfig(raw, "config.json").text.headDim; // 16
 */
export function parseConfig(json: unknown, where: string): QwenConfig {
  const root = parse(rootSchema, json, where);
  ensure(root.model_type === "qwen2_5_vl", "checkpoint", () => ({
    where: `${where}: model_type`,
    expected: '"qwen2_5_vl"',
    got: JSON.stringify(root.model_type),
    attempt: "a checkpoint based on Qwen2.5-VL",
  }));
  ensure(root.quantization_config == null, "checkpoint", () => ({
    where: `${where}: quantization_config`,
    expected: "plain weights",
    got: "a quantised checkpoint",
    attempt: "the unquantised release of this model",
  }));
  const nested = root.text_config !== undefined && root.text_config !== null;
  const t = parse(textSchema, nested ? root.text_config : json, where, nested ? "text_config" : "");
  const v = parse(visionSchema, root.vision_config, where, "vision_config");
  const text: TextConfig = {
    hiddenSize: t.hidden_size,
    layers: t.num_hidden_layers,
    heads: t.num_attention_heads,
    kvHeads: t.num_key_value_heads ?? t.num_attention_heads,
    headDim: t.hidden_size / t.num_attention_heads,
    intermediateSize: t.intermediate_size,
    vocabSize: t.vocab_size,
    rmsNormEps: t.rms_norm_eps,
    ropeTheta: t.rope_theta,
    mropeSection: t.rope_scaling.mrope_section,
    tied: t.tie_word_embeddings,
  };
  const vision: VisionConfig = {
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
  };
  checkText(text, t, where);
  checkVision(vision, text, where);
  const tokens: TokenIds = {
    image: root.image_token_id,
    video: root.video_token_id,
    visionStart: root.vision_start_token_id,
    visionEnd: root.vision_end_token_id,
  };
  // its embedding is looked up before the image's features take its place
  ensure(tokens.image < text.vocabSize, "checkpoint", () => ({
    where: `${where}: image_token_id`,
    expected: `an id below vocab_size ${text.vocabSize}`,
    got: String(tokens.image),
  }));
  return { text, vision, tokens, raw: json as Record<string, unknown> };
}

/**
 * The `config.json` of a configuration, in the published flat form, which transformers from 4.49 to 4.57 opens as
 * `Qwen2_5_VLForConditionalGeneration`. Keys of `raw` that Lintel does not know are passed through.
 *
 * @example
 * configJson(pocketConfig({ vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4 })).model_type; // "qwen2_5_vl"
 */
export function configJson({ text, vision, tokens, raw }: QwenConfig): Record<string, unknown> {
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
