/** Every recipe trains, and its checkpoint decodes with its head. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensorsHeader } from "../../formats/index.ts";
import { continueFrom, decodeToBlock, loadLatentModel, promptOf } from "../../reasoning/index.ts";
import { generateDataset, readSplit } from "../../tasks/index.ts";
import { trainModel } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { type RecipeName, recipes } from "./index.ts";

let scratch: string;
let data: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-recipes-"));
  data = join(scratch, "tetris");
  const parameters = { rendering: "pocket", tokens: "four", by: "words", plan: "brief" };
  await generateDataset({ task: "tetris", out: data, train: 40, eval: 4, heldOut: 2, parameters });
});
afterAll(() => rmSync(scratch, { recursive: true }));

let made = 0;
const fresh = (): string => join(scratch, `model-${made++}`);
const short = { steps: 8, batch: 8, warmup: 3, followEvery: 8, followExamples: 2, saveEvery: 3 };
const train = (out: string, options: Partial<TrainOptions>) =>
  trainModel({ recipe: "joint", data, out, ...short, ...options });

const losses = (out: string): { textLoss: number; latentLoss: number | null }[] =>
  readFileSync(join(out, "training.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => "loss" in line);

/** Latents that a model feeds itself on the first examples. */
async function ownLatents(directory: string): Promise<Float32Array[]> {
  const model = await loadLatentModel(directory);
  const { examples } = await readSplit(data, "eval", { limit: 2 });
  const prompts = await Promise.all(examples.map((example) => promptOf(model, example)));
  const limits = { cue: [], maxTokens: 8 };
  const { prefix, rows } = await decodeToBlock(model, prompts, limits);
  // So little trained, it may not open a block by itself.
  const opened = { prefix, rows: rows.map((row) => ({ ...row, state: "block" as const, instead: null })) };
  const made = await continueFrom(
    model,
    opened,
    prompts.map(() => [{ kind: "own" as const }]),
    limits,
  );
  await model.network.release();
  return made.map(([own]) => own!.latents[0]!);
}

describe("every recipe", () => {
  it.each(Object.keys(recipes) as RecipeName[])(
    "%s trains, and its checkpoint decodes with its head",
    async (name) => {
      const out = fresh();
      const recipe = recipes[name];
      await train(out, { recipe: name, steps: 3 });
      for (const { textLoss, latentLoss } of losses(out)) {
        expect(Number.isFinite(textLoss)).toBe(true);
        if (latentLoss !== null) expect(latentLoss).toBeGreaterThanOrEqual(0);
      }
      const { lintel } = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
      const { head, space } = recipe;
      const plain = head.kind === "none" && space.kind === "raw";
      expect(lintel).toEqual({
        recipe: name,
        seed: 0,
        steps: 3,
        batch: 8,
        pixels: [9216, 9216],
        ...(!plain && { latent: JSON.parse(JSON.stringify({ head, space })) }),
      });
      const { tensors } = await readSafetensorsHeader(join(out, "model.safetensors"));
      expect([...tensors.keys()].some((tensor) => tensor.startsWith("latent_head."))).toBe(!plain);
      if (!recipe.latents) return;
      const latents = await ownLatents(out);
      expect(latents.every((each) => each.length === 4 * 96 && each.every(Number.isFinite))).toBe(true);
      // Placeholders are the same for everything; what is read off states is not.
      expect(String(latents[0]) === String(latents[1])).toBe(head.kind === "placeholder");
    },
  );
});
