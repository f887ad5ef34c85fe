import { expect, it } from "vitest";
import { encodePng } from "../formats/index.ts";
import type { ProcessedImage } from "../qwen/index.ts";
import { createFeatureStore } from "./feature-store.ts";

it("gives the tower many small images at once, and large ones one by one: attention holds pairs of patches", async () => {
  const runs: number[] = [];
  const tower = {
    features: async (images: readonly ProcessedImage[]) => {
      runs.push(images.length);
      return images.map(({ grid }) => ({ rows: Float32Array.of(grid[1]) }));
    },
  };
  // The first pixel says how many patches an image has along each side.
  const store = createFeatureStore(tower, ({ pixels }) => ({
    patches: new Float32Array(0),
    grid: [1, pixels[0]!, pixels[0]!],
  }));
  const image = (side: number, number: number): Uint8Array =>
    encodePng({ width: 2, height: 1, pixels: Uint8Array.of(side, number, 0, 0, 0, 0) });
  const sides = [60, 60, ...Array<number>(20).fill(4), 40];
  const found = await store.get(sides.map(image));
  expect(found.map(({ rows }) => rows[0])).toEqual(sides);
  expect(runs).toEqual([1, 1, 21]);
  await store.get(sides.map(image));
  expect(runs).toHaveLength(3);
});
