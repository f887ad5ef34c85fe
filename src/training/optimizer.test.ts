import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSafetensors, toFloat32 } from "../formats/index.ts";
import { createStore } from "../nn/index.ts";
import { adamWStep, createAdamW, learningRateAt } from "./optimizer.ts";

const folder = new URL("../../test/goldens/optimizer/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("adamw.json", folder), "utf8"));

describe("AdamW", () => {
  it("equals torch.optim.AdamW over 20 steps with warm-up, cosine schedule and clipping", async () => {
    const raw = await readSafetensors(new URL("adamw.safetensors", folder).pathname);
    const tensor = (name: string) => toFloat32(raw.get(name)!);
    const names = [...raw.keys()].filter((n) => n.startsWith("start.")).map((n) => n.slice(6));
    const shapes = new Map(names.map((n) => [n, raw.get(`start.${n}`)!.shape]));
    const weights = createStore(shapes);
    for (const n of names) weights.views.get(n)!.set(tensor(`start.${n}`));
    const { betas, epsilon, weightDecay, clip } = golden;
    const optimizer = createAdamW(weights, { betas, epsilon, weightDecay, clip });
    const { gradients } = optimizer;
    const { learningRate, warmup, steps, floor } = golden;
    for (let step = 0; step < golden.steps; step++) {
      const rate = learningRateAt({ learningRate, warmup, steps, floor }, step);
      expect(rate).toBeCloseTo(golden.learningRates[step], 12);
      for (const n of names) {
        const g = gradients.views.get(n)!;
        g.set(tensor(`gradient.${n}`).subarray(step * g.length, (step + 1) * g.length));
      }
      const norm = adamWStep(optimizer, weights, rate);
      expect(Math.abs(norm / golden.gradientNorms[step] - 1)).toBeLessThan(1e-6);
      for (const n of names) {
        const w = weights.views.get(n)!;
        const want = tensor(`weight.${n}`).subarray(step * w.length, (step + 1) * w.length);
        for (const [i, value] of w.entries()) {
          expect(Math.abs(value - want[i]!), `${n}[${i}] after step ${step}`).toBeLessThan(1e-6);
        }
      }
    }
  });
});
