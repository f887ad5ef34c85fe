import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "../formats/index.ts";
import {
  expectedTensors,
  parseProcessorConfig,
  pocketConfig,
  pocketTokenizer,
  saveCheckpoint,
} from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { promptOf } from "./latent-model.ts";
import { loadLatentModel } from "./load-model.ts";
import { previewQuestion, readQuestionReader } from "./question-preview.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-seen-"));
const directory = join(scratch, "model");
afterAll(() => rmSync(scratch, { recursive: true }));

/** A tiny checkpoint whose vision tower has patches as the published models have. */
beforeAll(async () => {
  const config = pocketConfig({
    vocabSize: 64,
    hiddenSize: 32,
    layers: 1,
    heads: 2,
    vision: { patchSize: 14 },
    extra: { latent_size: 1, lvr_start_id: 7 },
  });
  const weights = new Map(
    [...expectedTensors(config)].map(([name, shape]) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01) },
    ]),
  );
  const processor = parseProcessorConfig({ patch_size: 14, min_pixels: 3136, max_pixels: 12845056 }, "test");
  await saveCheckpoint(directory, { config, weights, processor, files: pocketTokenizer(["which", "here"]) });
});

const image = encodePng({ width: 24, height: 12, pixels: new Uint8Array(864).fill(9) });
const example: Example = {
  id: "one",
  question: "<image> which",
  images: [image],
  options: ["A", "C"],
  optionTexts: ["red", "blue"],
  answer: 1,
  helpers: [],
  counterfactuals: [null, null],
  attributes: {},
};

describe("a question as the model reads it", () => {
  it("has the tokens that the model is given, and every size of its images", async () => {
    const reader = await readQuestionReader(directory);
    const seen = await previewQuestion(reader, example);
    expect(reader.pictures).toMatchObject({ from: "family", first: { factor: 28, minPixels: 3136 } });
    expect(seen.images).toEqual([
      {
        sizes: [
          { width: 24, height: 12 },
          { width: 84, height: 56 },
          { width: 560, height: 392 },
        ],
        tokens: 280,
      },
    ]);
    expect(seen.prompt).toContain("<|vision_start|>[<|image_pad|> × 280]");
    expect(seen).toMatchObject({
      example: "one",
      options: ["A", "C"],
      optionTexts: ["red", "blue"],
      answer: 1,
    });
    const model = await loadLatentModel(directory, { threads: 1 });
    try {
      const { ids, grids } = await promptOf(model, example);
      expect(ids).toHaveLength(seen.tokens);
      expect(grids).toEqual([[1, 28, 40]]);
    } finally {
      await model.network.release();
    }
  });

  it("follows what is asked for of images", async () => {
    const tokensWith = async (options: Parameters<typeof readQuestionReader>[1]) =>
      (await previewQuestion(await readQuestionReader(directory, options), example)).images[0]!.tokens;
    // 3,136 pixels at least: 84 × 56.
    expect(await tokensWith({ pixels: "checkpoint" })).toBe(6);
    // A side that would vanish makes 56 × 28.
    expect(await tokensWith({ minPixels: 784, maxPixels: 784 })).toBe(2);
    expect(await tokensWith({ family: "base" })).toBe(6);
  });

  it("keeps images where the text numbers them, for families that put all first as well", async () => {
    const reader = await readQuestionReader(directory, { family: "base", maxPixels: 784, minPixels: 784 });
    const placed: Example = {
      ...example,
      question: "which <image> here <image>",
      images: [image, image],
      interleaved: true,
    };
    const { prompt } = await previewQuestion(reader, placed);
    expect(prompt.replaceAll(/\s+/g, "")).toContain(
      "which<|vision_start|>[<|image_pad|>×2]here<|vision_start|>[<|image_pad|>×2]",
    );
    const { interleaved: _, ...first } = placed;
    expect((await previewQuestion(reader, first)).prompt.replaceAll(/\s+/g, "")).toContain(
      "<|vision_start|>[<|image_pad|>×2]<|vision_start|>[<|image_pad|>×2]whichhere",
    );
  });

  it("names the family's bounds where preprocessor_config.json is missing", async () => {
    rmSync(join(directory, "preprocessor_config.json"));
    const advice = /base model.s, if .*; the evaluation of lantern sets 200,704 … 2,744,000 pixels/;
    await expect(readQuestionReader(directory)).rejects.toThrow(advice);
    await expect(loadLatentModel(directory)).rejects.toThrow(advice);
  });
});
