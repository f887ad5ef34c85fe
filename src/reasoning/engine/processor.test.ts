import { describe, expect, it } from "vitest";
import type { Connection } from "../../engine/index.ts";
import { blockRules, families } from "../../families/index.ts";
import { createTokenizer, pocketTokenizer } from "../../qwen/index.ts";
import type { Example } from "../../tasks/index.ts";
import { preprocessingElsewhere, preprocessingText } from "../image-preprocessing.ts";
import { engineMessages } from "../latent-model.ts";
import { oraclesOf } from "../oracles.ts";
import { engineProcessor } from "./processor.ts";

const tokenizer = createTokenizer(pocketTokenizer(["up", "down"]), "test");
const about = { architecture: "Gemma3ForConditionalGeneration", vision: true };

/** A connection that reads texts as `idsOf` does, and records what it is asked. */
function connection(idsOf = tokenizer.encode, template = true) {
  const asked: Record<string, unknown>[] = [];
  const request: Connection["request"] = async (op, parts = {}, tensors = {}) => {
    asked.push({ op, ...parts, tensors: Object.keys(tensors) });
    const texts = (parts.texts ?? []) as string[];
    const images = [{ id: 7, grid: null }];
    const header = { ids: op === "reader" ? texts.map(idsOf) : [1, 2], images, template, imageTokens: [3] };
    return { header, tensors: { "rows.0": { shape: [1, 2], data: Float32Array.of(5, 6) } } };
  };
  return { asked, engine: { request } as Connection };
}
const example: Example = {
  id: "e0",
  question: "Which piece?",
  images: [],
  options: ["up", "down"],
  answer: 0,
  helpers: [],
  counterfactuals: [null, null],
  attributes: {},
};

describe("a checkpoint's own processor at an engine", () => {
  it("keeps pictures there, and prompts name them", async () => {
    const { engine, asked } = connection();
    const processor = await engineProcessor(engine, about, tokenizer);
    const [image] = await processor.pictures([{ width: 1, height: 2, pixels: new Uint8Array(6) }]);
    expect(image).toEqual({ kept: 7, grid: null, raster: null, rows: Float32Array.of(5, 6) });
    const prompt = engineMessages(
      { family: families.lvr, rules: blockRules({ startId: 1, padId: 2, endId: 3, k: 1 }) },
      processor,
      example,
    );
    await processor.encode(prompt, [7]);
    expect(asked.at(-1)).toMatchObject({ op: "encode", images: [7], generationPrompt: true, template: true });
    expect(await processor.preview(prompt, [{ width: 1, height: 1, pixels: new Uint8Array(3) }])).toEqual([
      1, 2,
    ]);
    expect(asked.at(-1)).toMatchObject({ op: "encode", tensors: ["image.0"] });
  });

  it("is refused where Lintel reads the tokenizer otherwise", async () => {
    const other = (text: string) => [...tokenizer.encode(text), 0];
    await expect(engineProcessor(connection(other).engine, about, tokenizer)).rejects.toThrow(
      /tokenizer of Gemma3ForConditionalGeneration: expected ids .* of "A", as transformers has them, got/,
    );
  });

  it("asks in words alone where there is no chat template and the family says how", async () => {
    const processor = await engineProcessor(connection(undefined, false).engine, about, tokenizer);
    const rules = blockRules({ startId: 1, padId: 2, endId: 3, k: 2 });
    expect(engineMessages({ family: families.coconut, rules }, processor, example)).toMatchObject({
      template: false,
      tail: "\n<|start-latent|><|latent|><|latent|><|end-latent|>",
    });
    expect(() => engineMessages({ family: families.lvr, rules }, processor, example)).toThrow(
      /expected a chat template, in which the family lvr asks its questions, got none/,
    );
  });
});

describe("what other architectures do not have", () => {
  it("is refused by the name of the architecture", async () => {
    const { architecture } = about;
    expect(() => preprocessingElsewhere(families.lvr, architecture, { maxPixels: 9 })).toThrow(
      /expected a Qwen-VL model, .* got Gemma3ForConditionalGeneration/,
    );
    expect(() => preprocessingElsewhere(families.swimbird, architecture, {})).toThrow(
      /family swimbird: expected a Qwen-VL model.*got Gemma3/,
    );
    expect(preprocessingText(preprocessingElsewhere(families.lvr, architecture, {}))).toBe(
      "images as the image processor reads them (the checkpoint's own, of Gemma3ForConditionalGeneration); transparent ones are laid on white",
    );
    const config = { modelType: "gemma3", text: { hiddenSize: 2 } };
    const seen = { index: 0, grid: null, width: 4, height: 4, rows: new Float32Array(4) };
    const store = {
      size: 1,
      of: async () => [],
      get: async (images: readonly unknown[]) => images.map(() => seen),
    };
    const model = { family: families.lvr, features: store, network: { config }, rules: { k: 1 }, tokenizer };
    const boxed = { ...example, images: [new Uint8Array(1)], helpers: [new Uint8Array(1)] };
    await expect(
      oraclesOf(model as never, { ...boxed, regions: [{ image: 0, box: [0, 0, 2, 2] }] }),
    ).rejects.toThrow(/oracles of the family lvr: expected .* within a box, got gemma3.*oracle: rows/);
  });
});
