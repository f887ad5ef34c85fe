import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { configJson, parseConfig } from "./config-json.ts";
import { pocketConfig } from "./pocket-config.ts";

type Json = Record<string, unknown>;
const read = (kind: string): Json =>
  JSON.parse(
    readFileSync(new URL(`../../../test/goldens/qwen/tiny-${kind}/config.json`, import.meta.url), "utf8"),
  ) as Json;

describe("parseConfig", () => {
  it("reads the published, flat form", () => {
    const { text, vision, tokens, raw } = parseConfig(read("tied"), "config.json");
    expect(text).toEqual({
      hiddenSize: 64,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      headDim: 16,
      intermediateSize: 48,
      vocabSize: 300,
      rmsNormEps: 1e-6,
      ropeTheta: 1e6,
      mropeSection: [2, 3, 3],
      mropeInterleaved: false,
      attentionBias: true,
      qkNorm: false,
      tied: true,
    });
    expect(vision).toMatchObject({
      depth: 2,
      patchSize: 14,
      patchDim: 1176,
      windowSize: 56,
      fullAttentionBlocks: [1],
    });
    expect(tokens).toEqual({ image: 291, video: 292, visionStart: 289, visionEnd: 290 });
    expect(raw.latent_size).toBe(2);
  });

  it("reads the nested form that transformers writes", () => {
    const { text, vision } = parseConfig(read("untied"), "config.json");
    expect(text).toMatchObject({ hiddenSize: 32, kvHeads: 1, rmsNormEps: 1e-5, ropeTheta: 100, tied: false });
    expect(vision).toMatchObject({
      depth: 2,
      hiddenSize: 16,
      patchSize: 6,
      patchDim: 216,
      tokensPerSecond: 2,
    });
  });

  it("reads Qwen3-VL, with the keys of a family", () => {
    const { modelType, text, vision, tokens, raw } = parseConfig(read("qwen3"), "config.json");
    expect(modelType).toBe("qwen3_vl");
    expect(text).toEqual({
      hiddenSize: 32,
      layers: 3,
      heads: 4,
      kvHeads: 2,
      headDim: 16,
      intermediateSize: 48,
      vocabSize: 300,
      rmsNormEps: 1e-6,
      ropeTheta: 5e6,
      mropeSection: [4, 2, 2],
      mropeInterleaved: true,
      attentionBias: false,
      qkNorm: true,
      tied: false,
    });
    expect(vision).toMatchObject({
      kind: "qwen3",
      patchSize: 8,
      patchDim: 384,
      positionSide: 5,
      deepstackBlocks: [0, 2],
      fullAttentionBlocks: [0, 1, 2],
    });
    expect(tokens.image).toBe(291);
    expect(raw.latent_start_id).toBe(293);
  });

  it.each<[string, Json, RegExp]>([
    ["no text_config", { text_config: undefined }, /of a Qwen3-VL model, got text_config: /],
    ["biases", { text_config: { attention_bias: true } }, /attention_bias: attention biases/],
    [
      "a table that is no square",
      { vision_config: { num_position_embeddings: 26 } },
      /a square number, got 26/,
    ],
    [
      "DeepStack beyond the tower",
      { vision_config: { deepstack_visual_indexes: [0, 3] } },
      /below the depth 3/,
    ],
    ["DeepStack out of order", { vision_config: { deepstack_visual_indexes: [2, 0] } }, /got \[2,0\]/],
    [
      "more DeepStack than layers",
      { text_config: { num_hidden_layers: 1 } },
      /at most one per decoder layer, got \[0,2\]/,
    ],
    [
      "sections of another head",
      { text_config: { head_dim: 32 } },
      /adding up to 16, half a head, got \[4,2,2\]/,
    ],
    ["another activation", { vision_config: { hidden_act: "silu" } }, /vision_config.hidden_act: /],
  ])("refuses Qwen3-VL with %s", (_name, change, error) => {
    const config = read("qwen3");
    for (const [key, value] of Object.entries(change))
      config[key] = value && { ...(config[key] as Json), ...(value as Json) };
    expect(() => parseConfig(config, "config.json")).toThrow(error);
  });

  it("takes the head as tied where either level says so, as transformers 5 does", () => {
    const nested = read("untied");
    const text = nested.text_config as Json;
    expect(parseConfig(nested, "c").text.tied).toBe(false);
    expect(parseConfig({ ...nested, tie_word_embeddings: true }, "c").text.tied).toBe(true);
    expect(
      parseConfig({ ...nested, text_config: { ...text, tie_word_embeddings: true } }, "c").text.tied,
    ).toBe(true);
    const { tie_word_embeddings: _dropped, ...flat } = read("tied");
    expect(parseConfig(flat, "c").text.tied).toBe(false);
  });

  it.each<[string, (config: Json) => unknown, RegExp]>([
    ["no object", () => [], /c\/config.json: expected the configuration of a Qwen2.5-VL or Qwen3-VL model/],
    [
      "another model",
      (c) => ({ ...c, model_type: "qwen2_vl" }),
      /model_type must be "qwen2_5_vl" or "qwen3_vl", got "qwen2_vl"/,
    ],
    ["no model type", ({ model_type: _m, ...c }) => c, /model_type: /],
    ["no width", ({ hidden_size: _h, ...c }) => c, /hidden_size: .*expected/i],
    ["a fractional depth", (c) => ({ ...c, num_hidden_layers: 1.5 }), /num_hidden_layers: /],
    ["no vision", ({ vision_config: _v, ...c }) => c, /vision_config: /],
    [
      "a wrong vision field",
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), depth: "2" } }),
      /vision_config.depth: /,
    ],
    [
      "a wrong nested field",
      () => ({ ...read("untied"), text_config: { vocab_size: -1 } }),
      /text_config.vocab_size: /,
    ],
    [
      "heads that do not divide",
      (c) => ({ ...c, num_attention_heads: 5 }),
      /divisible by num_attention_heads, got 64 \/ 5/,
    ],
    [
      "key heads that do not divide",
      (c) => ({ ...c, num_key_value_heads: 3 }),
      /divisible by num_key_value_heads, got 4 \/ 3/,
    ],
    ["a foreign head size", (c) => ({ ...c, head_dim: 32 }), /head_dim 16.*got 32/],
    [
      "sections of another head",
      (c) => ({ ...c, rope_scaling: { type: "mrope", mrope_section: [16, 24, 24] } }),
      /adding up to 8.*\[16,24,24\]/,
    ],
    [
      "no sections",
      (c) => ({ ...c, rope_scaling: null }),
      /mrope_section in rope_parameters or rope_scaling, got/,
    ],
    [
      "scaled positions",
      (c) => ({ ...c, rope_scaling: { type: "yarn", mrope_section: [2, 3, 3] } }),
      /got "yarn"/,
    ],
    ["another activation", (c) => ({ ...c, hidden_act: "gelu" }), /hidden_act: /],
    [
      "sliding windows",
      (c) => ({ ...c, use_sliding_window: true }),
      /sliding-window attention is not supported/,
    ],
    ["quantized weights", (c) => ({ ...c, quantization_config: { bits: 4 } }), /quantized checkpoint/],
    [
      "a merger of another width",
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), out_hidden_size: 32 } }),
      /out_hidden_size 64.*got 32/,
    ],
    [
      "an odd vision head",
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), num_heads: 16 } }),
      /divisible by 4.*got 32 \/ 16/,
    ],
    [
      "a window below a cell",
      (c) => ({ ...c, vision_config: { ...(c.vision_config as Json), window_size: 27 } }),
      /merged cell of 28 pixels, got 27/,
    ],
    [
      "an image token outside the vocabulary",
      (c) => ({ ...c, image_token_id: 300 }),
      /below vocab_size 300, got 300/,
    ],
  ])("refuses %s", (_name, change, error) => {
    const run = () => parseConfig(change(read("tied")), "c/config.json");
    expect(run).toThrow(LintelError);
    expect(run).toThrow(error);
  });
});

describe("configJson", () => {
  it.each(["tied", "untied", "qwen3"])("says the same again: %s", (kind) => {
    const config = parseConfig(read(kind), "config.json");
    const written = configJson(config);
    const { raw: _a, ...again } = parseConfig(JSON.parse(JSON.stringify(written)), "written");
    const { raw: _b, ...before } = config;
    expect(again).toEqual(before);
    expect(written.text_config === undefined).toBe(kind !== "qwen3");
  });

  it("passes the families' keys through", () => {
    expect(configJson(parseConfig(read("tied"), "c"))).toMatchObject({
      latent_size: 2,
      lvr_start_id: 293,
      bos_token_id: 1,
    });
    expect(configJson(parseConfig(read("qwen3"), "c"))).toMatchObject({
      latent_id: 294,
      max_latent_token: 2,
    });
  });
});

describe("pocketConfig", () => {
  it.each([
    [64, 8, [2, 1, 1]],
    [64, 4, [2, 3, 3]],
    [96, 4, [4, 4, 4]],
    [128, 4, [4, 6, 6]],
  ])("splits the rotary sections of width %d with %d heads", (hiddenSize, heads, section) => {
    expect(pocketConfig({ vocabSize: 64, hiddenSize, layers: 2, heads }).text.mropeSection).toEqual(section);
  });

  it("makes a small Qwen3-VL", () => {
    const shape = { vocabSize: 64, hiddenSize: 64, layers: 2, heads: 4, modelType: "qwen3_vl" as const };
    const { text, vision } = pocketConfig(shape);
    expect([text.qkNorm, text.tied, vision.deepstackBlocks, vision.positionSide]).toEqual([
      true,
      true,
      [0],
      4,
    ]);
  });

  it("refuses what no model could have", () => {
    expect(() => pocketConfig({ vocabSize: 64, hiddenSize: 60, layers: 2, heads: 8 })).toThrow(LintelError);
  });
});
