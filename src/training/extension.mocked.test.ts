/**
 * A latent head, a loss and a recipe are one file and one registry line each: here the lines are added to the registries, and
 * the rest of Lintel knows the new ones, from the plan of a study to decoding.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { mul, reduceMean, scalar, sub } from "../graph/index.ts";
import { createHeadRunner, type HeadRunner, latentConfigOf, loadLatentModel } from "../reasoning/index.ts";
import { loadPlan } from "../study/presets/index.ts";
import { generateDataset } from "../tasks/index.ts";
import { recipes, trainModel } from "./index.ts";

vi.mock("../reasoning/latent-heads/registry.ts", async (original) => {
  const { latentHeads } = await original<typeof import("../reasoning/latent-heads/registry.ts")>();
  const { defineHead } = await import("../reasoning/latent-heads/define.ts");
  const scaled = defineHead({
    kind: "scaled",
    options: { initial: z.number().positive() },
    tensors: (_options, { width }) => [["gain", [width]]],
    initialize: (tensors, { initial }) => void tensors.view("gain").fill(initial),
    predict: ({ parameter }, _options, hidden) => mul(hidden, parameter("gain", [hidden.shape[1] as number])),
  });
  return { latentHeads: { ...latentHeads, scaled } };
});

vi.mock("./losses/registry.ts", async (original) => {
  const { latentLosses } = await original<typeof import("./losses/registry.ts")>();
  const { defineLoss } = await import("./losses/define.ts");
  const { float32, input } = await import("../graph/index.ts");
  const powered = defineLoss({
    kind: "weighted",
    options: { by: z.number().positive() },
    head: "scaled" as never,
    prepare: ({ set }) => set.width,
    inputs: ({ slots, prepared }, { by }) => ({
      slotWeight: float32(new Float32Array(slots).fill(by / (prepared as number)), [slots, 1]),
    }),
    loss: ({ graph, dtype, predicted, wanted }) => {
      const d = sub(predicted(), wanted());
      const squares = mul(mul(d, d), input(graph, "slotWeight", dtype, ["L", 1]));
      const loss = reduceMean(squares, [0, 1]);
      return mul(loss, scalar(loss, 2));
    },
  });
  return { latentLosses: { ...latentLosses, weighted: powered } };
});

const scratch = mkdtempSync(join(tmpdir(), "lintel-extension-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const plan = (recipe: string) => `
name: mine
datasets: { tetris: { train: 8, eval: 2 } }
recipes:
  mine: ${recipe}
cells:
  - { task: tetris, recipe: mine, audits: [{ split: eval }] }
`;
const mine = "{ of: joint, head: { kind: scaled, initial: 0.5 }, loss: { kind: weighted, by: 3 } }";

it("a registered head and loss are read from a plan, trained and decoded", async () => {
  const file = join(scratch, "plan.yaml");
  writeFileSync(file, plan(mine));
  const { of: _, ...changes } = (await loadPlan(file)).recipes!.mine!;
  expect(changes).toEqual({ head: { kind: "scaled", initial: 0.5 }, loss: { kind: "weighted", by: 3 } });
  const data = join(scratch, "tetris");
  const parameters = { rendering: "pocket" };
  await generateDataset({ task: "tetris", out: data, train: 8, eval: 2, heldOut: 0, parameters });
  const out = join(scratch, "model");
  const recipe = { ...recipes.joint, ...changes };
  await trainModel({
    recipe,
    recipeName: "mine",
    data,
    out,
    steps: 2,
    batch: 4,
    warmup: 0,
    followExamples: 1,
  });
  const lines = readFileSync(join(out, "training.jsonl"), "utf8").trim().split("\n");
  const losses = lines
    .map((line) => JSON.parse(line).latentLoss as number)
    .filter((loss) => loss !== undefined);
  expect(losses).toHaveLength(2);
  expect(losses.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
  const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
  expect(latentConfigOf(config)!.head).toEqual({ kind: "scaled", initial: 0.5 });
  const model = await loadLatentModel(out);
  const head = model.head as HeadRunner;
  expect(head.replaces).toBe("input");
  const fed = await head.run(new Float32Array(96).fill(1), [0]);
  await model.network.release();
  // Two steps of 1e-3 and less move the gains a little.
  expect(fed.every((x) => Math.abs(x - 0.5) < 0.01)).toBe(true);
  expect(new Set(fed).size).toBeGreaterThan(1);
});

it("options and combinations are checked without a line of code", async () => {
  const file = join(scratch, "wrong.yaml");
  writeFileSync(file, plan("{ of: joint, head: { kind: scaled, initial: -1 } }"));
  await expect(loadPlan(file)).rejects.toThrow(/recipes\.mine\.head\.initial/);
  const recipe = { ...recipes.joint, loss: { kind: "weighted", by: 3 } as never };
  const options = { recipe, data: scratch, out: join(scratch, "none") };
  await expect(trainModel(options)).rejects.toThrow("expected a scaled head for the loss weighted, got none");
  const size = { width: 2, k: 1, cells: 4 };
  const config = { head: { kind: "scaled", initial: 1 } as never, space: { kind: "raw" } as const };
  expect(() => createHeadRunner(config, size, {})).toThrow("latent_head.gain");
});
