import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { continueFrom, decodeToBlock, loadLatentModel, promptOf } from "../../reasoning/index.ts";
import { generateDataset, readSplit } from "../../tasks/index.ts";
import { trainModel } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { checkRecipe, defineRecipe, type Recipe, recipes } from "./index.ts";

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
    // The manifest has the digests of files with times.
    readdirSync(directory)
      .filter((name) => name !== "manifest.json")
      .sort()
      .map((name) => {
        const text = readFileSync(join(directory, name)).toString("latin1");
        return [name, text.replaceAll(/"(seconds|examplesPerSecond|check)":[^,}]+,?/g, "")];
      }),
  );

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
  let whole: string;
  beforeAll(async () => {
    whole = fresh();
    await train(whole, { recipe: half });
  });

  // At a saved state, and between the second and the third.
  it.each([3, 7])("stopped at step %i ends like one that was not", async (k) => {
    const stopped = fresh();
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
