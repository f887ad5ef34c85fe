/** The way back through the tower with windows apart, as for large models, is that with a mask. */
import { expect, it } from "vitest";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { float32 } from "../../graph/index.ts";
import { random } from "../../util/index.ts";
import { expectedTensors } from "../checkpoint/tensor-names.ts";
import { pocketConfig } from "../config/pocket-config.ts";
import type { ProcessedImage } from "../processor/image-processor.ts";
import { lazySession } from "../weights/lazy-session.ts";
import { imageEncoder } from "./image-encoder.ts";
import { qwen25VisionGraph } from "./vision-qwen2-5.ts";

it("gradients by patches are the same with windows apart and with a mask", async () => {
  const vision = { depth: 2, fullAttentionBlocks: [1], windowSize: 24 };
  const config = pocketConfig({ vocabSize: 8, hiddenSize: 16, layers: 1, heads: 2, vision });
  const weights = Object.fromEntries(
    [...expectedTensors(config)].map(([name, shape]) => {
      const r = random(1, name);
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * r.normal());
      return [name, float32(data, shape)];
    }),
  );
  const r = random(2, "images");
  const image = (h: number, w: number): ProcessedImage => ({
    grid: [1, h, w],
    patches: Float32Array.from({ length: h * w * config.vision.patchDim }, () => r.normal()),
  });
  // Not whole windows, and a grid of its own.
  const images = [image(6, 10), image(2, 4), image(6, 10)];
  const cotangents = images.map(({ grid }) => ({
    rows: Float32Array.from({ length: ((grid[1] * grid[2]) / 4) * 16 }, () => r.normal()),
  }));
  const found = await Promise.all(
    [true, false].map(async (large) => {
      const sessionOf = (gradient: boolean) =>
        lazySession((p) => qwen25VisionGraph(config.vision, p, { apart: large, gradient }), weights, {
          threads: 1,
        });
      const [forward, backward] = [sessionOf(false), sessionOf(true)];
      const encoder = imageEncoder({
        ...{ config, large, cells: false },
        ...{ session: forward.get, backward: backward.get },
      });
      const gradients = await encoder.patchGradients(images, cotangents);
      await Promise.all([forward.release(), backward.release()]);
      return gradients;
    }),
  );
  for (const [i, apart] of found[0]!.entries()) {
    expect(apart.some((x) => Math.abs(x) > 1e-3)).toBe(true);
    expect(worstDifference(apart, found[1]![i]!)).toBeLessThan(1e-5);
  }
});
