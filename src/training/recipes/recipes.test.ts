import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensorsHeader } from "../../formats/index.ts";
import { continueFrom, decodeToBlock, loadLatentModel, promptOf } from "../../reasoning/index.ts";
import { generateDataset, readSplit } from "../../tasks/index.ts";
import { trainModel } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { checkRecipe, defineRecipe, type Recipe, type RecipeName, recipes } from "./index.ts";

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

const contents = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => {
        const text = readFileSync(join(directory, name)).toString("latin1");
        return [name, text.replaceAll(/"(seconds|examplesPerSecond)":[^,}]+,?/g, "")];
      }),
  );

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

describe("parts that do not go together", () => {
  const { precise, monet, pause } = recipes;
  it.each([
    ["codes without a codebook", { ...precise, loss: { kind: "codes" } }],
    ["flow without its head", { ...precise, loss: { kind: "flow" } }],
    ["distillation from what the teacher sees", { ...monet, stages: recipes.joint.stages }],
    ["placeholders drawn to oracles", { ...pause, latentWeight: 1 }],
    ["no stage", { ...precise, stages: [] }],
    ["half a latent", { ...precise, latentsPerBlock: 0.5 }],
  ] as [string, Recipe][])("are refused: %s", (name, recipe) => {
    expect(() => checkRecipe(recipe, name)).toThrow(`recipe ${name}: expected`);
  });

  it("are in no recipe here", () => {
    for (const [name, recipe] of Object.entries(recipes))
      expect(() => checkRecipe(recipe, name)).not.toThrow();
  });
});

describe("a recipe whose slots are drawn", () => {
  const half = defineRecipe({
    ...recipes.precise,
    stages: recipes.precise.stages.map((stage) => ({ ...stage, share: 1 })),
  });

  it.each([3, 5, 7])("stopped at step %i ends like one that was not", async (k) => {
    const [whole, stopped] = [fresh(), fresh()];
    await train(whole, { recipe: half });
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === k && controller.abort();
    await expect(train(stopped, { recipe: half, signal: controller.signal, onProgress })).rejects.toThrow(
      /aborted/,
    );
    await train(stopped, { recipe: half });
    expect(contents(stopped)).toEqual(contents(whole));
  });

  it("is not continued as another", async () => {
    const out = fresh();
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 4 && controller.abort();
    await expect(train(out, { recipe: half, signal: controller.signal, onProgress })).rejects.toThrow();
    const other = { ...half, space: { kind: "whitened" as const } };
    await expect(train(out, { recipe: other })).rejects.toMatchObject({ code: "usage" });
  });
});

describe("a base with a head", () => {
  it("keeps its head for the same recipe and loses it for another", async () => {
    const [base, same, other] = [fresh(), fresh(), fresh()];
    await train(base, { recipe: "precise", steps: 4 });
    const rate = { learningRate: 1e-12, weightDecay: 0, steps: 1 };
    await train(same, { recipe: "precise", base, ...rate });
    const [before, after] = [await ownLatents(base), await ownLatents(same)];
    for (const [i, latents] of before.entries()) {
      const worst = latents.reduce((most, x, d) => Math.max(most, Math.abs(x - after[i]![d]!)), 0);
      expect(worst).toBeLessThan(1e-4);
    }
    await train(other, { recipe: "joint", base, ...rate });
    expect(JSON.parse(readFileSync(join(other, "config.json"), "utf8")).lintel.latent).toBeUndefined();
  });
});
