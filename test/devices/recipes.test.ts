/**
 * Two training steps of recipes on WebGPU against the CPU; when and where: webgpu.test.ts. Six of them, which differ most in
 * their graphs; LINTEL_RECIPES=all for every one, which takes a quarter of an hour by the software driver.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateDataset } from "../../src/tasks/index.ts";
import { proveDevice, recipes, trainModel } from "../../src/training/index.ts";

const few = ["infonce", "monet", "livr", "precise", "rectified-flow", "wm-vlm"] as const;
const chosen =
  process.env.LINTEL_RECIPES === "all" ? (Object.keys(recipes) as (keyof typeof recipes)[]) : few;
const wanted = (process.env.LINTEL_DEVICES ?? "").split(",").includes("webgpu");
/** The second step's loss is that of the parameters which the first one's gradients have moved. */
const settings = { steps: 2, batch: 4, warmup: 1, followEvery: 2, followExamples: 2, threads: 1 };

describe.runIf(wanted)("training on webgpu", { timeout: 900_000 }, () => {
  let scratch: string;
  let data: string;
  let proof: Awaited<ReturnType<typeof proveDevice>>;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-webgpu-recipes-"));
    data = join(scratch, "tetris");
    const parameters = { rendering: "pocket", tokens: "four", by: "words", plan: "brief" };
    await generateDataset({ task: "tetris", out: data, train: 40, eval: 4, heldOut: 2, parameters });
    proof = await proveDevice("webgpu");
  }, 900_000);
  afterAll(() => rmSync(scratch, { recursive: true }));

  it.each(chosen)("of %s is that on the CPU", async (recipe) => {
    const losses = async (device: "cpu" | "webgpu"): Promise<number[]> => {
      const out = join(scratch, `${recipe}-${device}`);
      await trainModel({ recipe, data, out, device, ...settings, ...(device === "webgpu" && { proof }) });
      const lines = readFileSync(join(out, "training.jsonl"), "utf8").trim().split("\n");
      return lines.flatMap((line) => JSON.parse(line).loss ?? []);
    };
    const [cpu, webgpu] = [await losses("cpu"), await losses("webgpu")];
    expect(cpu).toHaveLength(settings.steps);
    expect(webgpu).toHaveLength(settings.steps);
    for (const [i, loss] of cpu.entries())
      expect(Math.abs(webgpu[i]! - loss) / Math.max(1, Math.abs(loss))).toBeLessThan(1e-3);
  });
});
