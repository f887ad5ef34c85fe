/** A Qwen3-VL checkpoint from the directory to logits: what DeepStack adds to prompts on the way. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { encodePng } from "../formats/index.ts";
import { expectedTensors, pocketConfig, pocketTokenizer, saveCheckpoint } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { promptOf } from "./latent-model.ts";
import { loadLatentModel } from "./load-model.ts";
import { oraclesOf } from "./oracles.ts";
import { processor, words } from "./reasoning.fixture.ts";

const directory = join(mkdtempSync(join(tmpdir(), "lintel-qwen3-")), "model");
const config = pocketConfig({
  modelType: "qwen3_vl",
  vocabSize: 40,
  hiddenSize: 64,
  layers: 3,
  heads: 4,
  kvHeads: 2,
  // heads of 72, as in Qwen3-VL-8B
  vision: { depth: 3, hiddenSize: 144, heads: 2, patchSize: 16, deepstackBlocks: [0, 1] },
  extra: { latent_id: 30, latent_start_id: 31, latent_end_id: 32, max_latent_token: 2 },
});
const weights = new Map(
  [...expectedTensors(config)].map(([name, shape]) => {
    const r = random(5, name);
    const inputs = shape.slice(1).reduce((a, b) => a * b, 1);
    const draw = () => (shape.length === 1 ? 1 + 0.1 * r.normal() : (1.5 * r.normal()) / Math.sqrt(inputs));
    return [name, { shape, data: Float32Array.from({ length: shape[0]! * inputs }, draw) }];
  }),
);
await saveCheckpoint(directory, {
  config,
  weights,
  processor: { ...processor, patchSize: 16, minPixels: 1024 },
  generation: { eos_token_id: 0 },
  files: pocketTokenizer(words),
});
const model = await loadLatentModel(directory, { threads: 1, pixels: "checkpoint" });
afterAll(() => model.network.release());

const picture = (width: number, height: number) => {
  const r = random(width, "picture");
  return encodePng({
    width,
    height,
    pixels: Uint8Array.from({ length: width * height * 3 }, () => r.integer(256)),
  });
};
const example: Example = {
  id: "1",
  question: "up <image> down <image> left",
  images: [picture(64, 96), picture(96, 32)],
  options: ["a", "b"],
  answer: 0,
  helpers: [picture(64, 64)],
  counterfactuals: [],
  attributes: {},
};

describe("a Qwen3-VL checkpoint", () => {
  it("loads with its family, and gives prompts the features of each depth", async () => {
    expect([model.family.name, model.network.config.modelType]).toEqual(["swimbird", "qwen3_vl"]);
    const prompt = await promptOf(model, example);
    expect(prompt.grids).toEqual([
      [1, 6, 4],
      [1, 2, 6],
    ]);
    expect(prompt.visuals.length).toBe((6 + 3) * 64);
    expect(prompt.deep!.map((rows) => rows.length)).toEqual([9 * 64, 9 * 64]);
    expect(worstDifference(prompt.deep![0]!, prompt.deep![1]!)).toBeGreaterThan(0.1);
    // SwimBird makes helpers small enough for 2 tokens: 2 × 2 cells become one, 1 × 3 become two.
    const helpers = [picture(64, 64), picture(96, 32)];
    expect((await oraclesOf(model, { ...example, helpers })).map((z) => z.length / 64)).toEqual([1, 2]);
    expect((await oraclesOf(model, { ...example, helpers: [picture(64, 32)] }))[0]!.length).toBe(2 * 64);
  });

  it("adds DeepStack to its own prompt's image tokens: padded batches equal single prompts", async () => {
    const one = await promptOf(model, example);
    const other = await promptOf(model, { ...example, question: "<image>", images: [picture(32, 64)] });
    const words = await promptOf(model, { ...example, question: "right", images: [] });
    const { logits } = await model.network.prefill([other, one, words]);
    for (const [b, prompt] of [other, one, words].entries()) {
      const alone = await model.network.prefill([prompt]);
      expect(worstDifference(alone.logits, logits.subarray(b * 40, (b + 1) * 40))).toBeLessThan(1e-4);
    }
    const without = { ...one, deep: one.deep!.map((rows) => new Float32Array(rows.length)) };
    const changed = (await model.network.prefill([other, without, words])).logits;
    const difference = (b: number) =>
      worstDifference(changed.subarray(b * 40, (b + 1) * 40), logits.subarray(b * 40, (b + 1) * 40));
    expect([difference(0), difference(2)]).toEqual([0, 0]);
    expect(difference(1)).toBeGreaterThan(0.01);
  });

  it("refuses prompts without the features of each depth", async () => {
    const { deep, ...prompt } = await promptOf(model, example);
    await expect(model.network.prefill([prompt])).rejects.toThrow(
      /prompt 0: expected DeepStack features for 2 layers, 9 rows each, got none/,
    );
    await expect(model.network.prefill([{ ...prompt, deep: [deep![0]!] }])).rejects.toThrow(/got 9 rows/);
  });
});
