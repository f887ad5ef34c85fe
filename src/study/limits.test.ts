/** Studies and trainings that cannot be meant are refused at once, naming the key; those in use are not. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { trainModel } from "../training/index.ts";
import { LintelError } from "../util/index.ts";
import { parsePlan } from "./plan.ts";
import { presets } from "./presets/index.ts";
import { planOf, runStudy } from "./run.ts";

const audits = [{ split: "eval" }];
const plan = (change: object, training: object = {}, dataset: object = {}, cell: object = {}): unknown => ({
  name: "x",
  datasets: { tetris: { train: 100, eval: 50, ...dataset } },
  cells: [{ task: "tetris", recipe: "joint", training, audits, ...cell }],
  ...change,
});

describe("a study with", () => {
  it.each<[string, unknown, RegExp]>([
    ["10^9 seeds", plan({ seeds: 1e9 }), /seeds must be at most 1000/],
    ["10^15 examples", plan({}, {}, { train: 1e15 }), /datasets.tetris.train must be at most 10000000/],
    ["10^8 examples to audit", plan({}, {}, { eval: 1e8 }), /datasets.tetris.eval/],
    ["10^8 held-out examples", plan({}, {}, { heldOut: 1e8 }), /datasets.tetris.heldOut/],
    [
      "a learning rate of 10^300",
      plan({}, { learningRate: 1e300 }),
      /cell tetris\/joint: learningRate must be at most 10/,
    ],
    ["an infinite learning rate", plan({}, { learningRate: Number.POSITIVE_INFINITY }), /learningRate/],
    ["a batch of 10^9", plan({}, { batch: 1e9 }), /batch must be at most 65536/],
    ["10^12 steps", plan({}, { steps: 1e12 }), /steps must be at most/],
    ["a warm-up of 10^12 steps", plan({}, { warmup: 1e12 }), /warmup/],
    ["a decay of 10^9", plan({}, { weightDecay: 1e9 }), /weightDecay/],
    ["a clip of 10^300", plan({}, { clip: 1e300 }), /clip/],
    ["a weight of latents of 10^300", plan({}, { latentWeight: 1e300 }), /latentWeight/],
    ["a width of 10^6", plan({}, { shape: { hiddenSize: 1e6 } }), /hiddenSize must be at most 8192/],
    ["10^6 layers", plan({}, { shape: { layers: 1e6 } }), /layers must be at most 256/],
    ["10^6 heads", plan({}, { shape: { heads: 1e6 } }), /heads/],
    ["10^6 threads", plan({}, {}, {}, { threads: 1e6 }), /threads must be at most 1024/],
    ["NaN steps", plan({}, { steps: Number.NaN }), /steps/],
    [
      "11,000 models",
      plan({ seeds: 1000, cells: Array(11).fill({ task: "tetris", recipe: "joint", audits }) }),
      /cells × seeds must be at most 10000/,
    ],
  ])("%s is refused, naming the key", (_name, value, message) => {
    expect(() => parsePlan(value, "x.yaml")).toThrow(message);
  });

  it("10^9 seeds on the command line is refused before anything is written", async () => {
    const out = join(tmpdir(), "lintel-never-made");
    await expect(runStudy({ preset: "smoke", seeds: 1e9, out })).rejects.toThrow(
      /smoke: seeds must be at most 1000/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it.each(Object.keys(presets))("what the preset %s asks for is accepted", async (preset) => {
    expect((await planOf({ preset })).cells.length).toBeGreaterThan(0);
  });
});

it.each([
  { batch: 1e9 },
  { steps: 1e12 },
  { learningRate: 1e300 },
  { threads: 1e6 },
  { shape: { layers: 1e6 } },
])("a training with %o is refused before it is begun", async (settings) => {
  const out = join(mkdtempSync(join(tmpdir(), "lintel-limits-")), "model");
  const error = await trainModel({ recipe: "joint", data: "no-such-data", out, ...settings }).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(LintelError);
  expect(error).toMatchObject({ code: "usage", id: "E_INVALID_VALUE" });
  expect(existsSync(out)).toBe(false);
  rmSync(join(out, ".."), { recursive: true });
});
