import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { goldenJson } from "../../../test/tiny.fixture.ts";
import type { Graph } from "../../graph/index.ts";
import { type ParameterSource, parameterInputs } from "../../nn/index.ts";
import { parseConfig } from "../config/config-json.ts";
import { decodeGraph } from "../decoding/decode-graph.ts";
import { qwen25VisionGraph } from "../vision/vision-qwen2-5.ts";
import { qwen3VisionGraph } from "../vision/vision-qwen3.ts";
import { canonicalName, expectedTensors, publishedName } from "./tensor-names.ts";

describe("canonicalName", () => {
  it.each([
    ["visual.blocks.3.attn.qkv.weight", "visual.blocks.3.attn.qkv.weight"],
    ["model.visual.blocks.3.attn.qkv.weight", "visual.blocks.3.attn.qkv.weight"],
    ["model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"],
    ["model.language_model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"],
    ["model.language_model.embed_tokens.weight", "model.embed_tokens.weight"],
    ["lm_head.weight", "lm_head.weight"],
    ["base_model.model.lm_head.weight", "lm_head.weight"],
    ["base_model.model.model.norm.weight", "model.norm.weight"],
    ["base_model.model.model.visual.merger.ln_q.weight", "visual.merger.ln_q.weight"],
    ["lvr_head.0.weight", "lvr_head.0.weight"],
    ["model.visualiser.weight", "model.visualiser.weight"],
  ])("%s", (stored, canonical) => expect(canonicalName(stored)).toBe(canonical));
});

interface Published {
  name: string;
  config: unknown;
  tensors: number;
  parameters: number;
  sha256: string;
}

describe.each(goldenJson("shapes.json") as Published[])(
  "$name",
  ({ config: json, tensors, parameters, sha256 }) => {
    const config = parseConfig(json, "config.json");
    const expected = expectedTensors(config);

    it("is written under names that are read again", () => {
      for (const name of expected.keys())
        expect(canonicalName(publishedName(name, config.modelType))).toBe(name);
      const table = publishedName("model.embed_tokens.weight", config.modelType);
      expect(table.startsWith("model.language_model.")).toBe(config.modelType === "qwen3_vl");
    });

    it("has the parameters that transformers gives it, by name and shape", () => {
      expect(expected.size).toBe(tensors);
      const lines = [...expected].map(([name, shape]) => `${name}[${shape}]\n`).sort();
      expect(createHash("sha256").update(lines.join("")).digest("hex")).toBe(sha256);
      const total = [...expected.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
      expect(total).toBe(parameters);
    });

    it("makes graphs that ask for these parameters and no others", () => {
      const asked = new Map<string, readonly number[]>();
      const collect = (graph: Graph): ParameterSource => {
        const { source } = parameterInputs(graph, "float32");
        return (name, shape) => {
          asked.set(name, shape);
          return source(name, shape);
        };
      };
      const { text, vision } = config;
      const deepLayers = vision.deepstackBlocks.length;
      const prefill = decodeGraph({ config: text, mode: "prefill", deepLayers, parameters: collect });
      const step = decodeGraph({ config: text, mode: "step", parameters: collect });
      const tower = (vision.kind === "qwen3" ? qwen3VisionGraph : qwen25VisionGraph)(vision, collect);
      // looked up on the host where the head does not need it
      if (!text.tied) asked.set("model.embed_tokens.weight", [text.vocabSize, text.hiddenSize]);
      expect(new Map([...asked].sort())).toEqual(new Map([...expected].sort()));
      expect(prefill.outputs.get("logits")!.shape).toEqual(["B", text.vocabSize]);
      expect(step.outputs.get("k.0")!.shape).toEqual([`${text.kvHeads}*B`, "N", "1+S", text.headDim]);
      const either = decodeGraph({ config: text, mode: "either", deepLayers, parameters: collect });
      expect(either.outputs.get("feedback")!.shape).toEqual(["R", text.hiddenSize]);
      expect(either.outputs.get("v.0")!.shape.at(-1)).toBe(text.headDim);
      expect([...tower.outputs.keys()]).toEqual([
        ...vision.deepstackBlocks.map((_, i) => `deep.${i}`),
        "features",
      ]);
      for (const { shape } of tower.outputs.values()) expect(shape.at(-1)).toBe(text.hiddenSize);
    });
  },
);
