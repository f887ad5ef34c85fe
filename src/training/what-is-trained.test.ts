/** Which tensors a training changes, and which it keeps to itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSafetensors } from "../formats/index.ts";
import { generateDataset } from "../tasks/index.ts";
import { plainStage } from "./components/index.ts";
import { type Recipe, recipes } from "./recipes/index.ts";
import { trainModel } from "./train.ts";
import type { TrainOptions } from "./train-options.ts";

let scratch: string;
let data: string;
let made = 0;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-trained-"));
  data = join(scratch, "tetris");
  const parameters = { rendering: "pocket", by: "words", plan: "brief" };
  await generateDataset({ task: "tetris", out: data, train: 40, eval: 4, heldOut: 0, parameters });
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Tensors of a training's checkpoint, and its directory. */
async function trained(recipe: string | Recipe, options: Partial<TrainOptions> = {}) {
  const out = join(scratch, `${made++}`);
  await trainModel({ recipe, data, out, steps: 3, batch: 4, warmup: 0, followExamples: 2, ...options });
  return { out, tensors: await readSafetensors(join(out, "model.safetensors")) };
}

const changed = (a: Awaited<ReturnType<typeof trained>>, b: Awaited<ReturnType<typeof trained>>): string[] =>
  [...a.tensors]
    .filter(([name, { data: before }]) => {
      const after = b.tensors.get(name)!.data as Float32Array;
      return (before as Float32Array).some((x, i) => x !== after[i]);
    })
    .map(([name]) => name);

it("upper layers of a base, the last norm and the output matrix; what is below stays, bit by bit", async () => {
  const base = await trained("joint", { shape: { layers: 3 } });
  const upper = await trained("joint", { base: base.out, upperLayers: 1 });
  const names = changed(base, upper);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(name).toMatch(/^(model\.layers\.2\.|model\.norm|lm_head)/);
  expect(names).toContain("model.layers.2.mlp.up_proj.weight");
});

it("upper layers need a base", async () => {
  await expect(trained("joint", { upperLayers: 1 })).rejects.toThrow("upperLayers: expected a base");
});

it("the head alone, in a stage that says so", async () => {
  const wide: Recipe = { ...recipes.linear, stages: [plainStage] };
  const head = { kind: "linear" } as const;
  const base = await trained({ ...wide, head });
  const alone = await trained(
    { ...wide, head, stages: [{ ...plainStage, trains: "head" }] },
    { base: base.out },
  );
  const names = changed(base, alone);
  expect(names.filter((name) => name.includes(".proj.")).sort()).toEqual([
    "latent_head.proj.bias",
    "latent_head.proj.weight",
  ]);
  for (const name of names) expect(name).toMatch(/^latent_head\./);
});

it("a decoder that a loss has for itself, which no checkpoint has", async () => {
  const { out, tensors } = await trained("auxiliary-decoder", { saveEvery: 2 });
  expect([...tensors.keys()].filter((name) => name.startsWith("auxiliary"))).toEqual([]);
  expect(tensors.has("latent_head.proj.weight")).toBe(true);
  // Another length of its training changes what the model learns.
  const { tensors: without } = await trained("linear", {
    recipe: { ...recipes.linear, rationale: "dropped" },
  });
  const read = (each: typeof tensors) => each.get("latent_head.proj.weight")!.data as Float32Array;
  expect(read(tensors)).not.toEqual(read(without));
  expect(
    await trainModel({
      recipe: "auxiliary-decoder",
      data,
      out,
      steps: 3,
      batch: 4,
      warmup: 0,
      followExamples: 2,
      saveEvery: 2,
    }),
  ).toMatchObject({ reused: true });
});
