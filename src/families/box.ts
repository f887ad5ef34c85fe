/** LVR's oracle: the features of the input image within a box (docs/published-families.md §2.3). */
import { ensure } from "../util/index.ts";

/**
 * Feature rows of the visual tokens that a box touches, in raster order: `bbox_to_token_idxs` of LVR's packed dataset.
 * `grid` is the image's in patches [t, h, w], features are merged 2×2 [h/2 · w/2, width], `box` [x0, y0, x1, y1] in
 * fractions of the image size.
 *
 * Errors: "dataset" for a box that covers no token.
 *
 * @example
 * boxRows(Float32Array.of(1, 2, 3, 4), 1, [1, 4, 4], [0.5, 0, 1, 0.5]); // Float32Array [2]: the upper right quarter
 */
export function boxRows(
  features: Float32Array,
  width: number,
  grid: readonly [number, number, number],
  box: readonly [number, number, number, number],
): Float32Array {
  const [, h, w] = grid;
  const within = (x: number, most: number): number => Math.max(0, Math.min(x, most));
  const [x0, y0, x1, y1] = box;
  const left = Math.floor(within(Math.floor(x0 * w), w - 1) / 2);
  const right = Math.floor((within(Math.ceil(x1 * w), w) + 1) / 2);
  const top = Math.floor(within(Math.floor(y0 * h), h - 1) / 2);
  const bottom = Math.floor((within(Math.ceil(y1 * h), h) + 1) / 2);
  ensure(left < right && top < bottom, "dataset", () => ({
    where: "box of an image",
    expected: "x0 < x1 and y0 < y1, in fractions of the image's width and height",
    got: `[${box.join(", ")}]`,
  }));
  const across = Math.floor(w / 2);
  const rows: number[] = [];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) rows.push(y * across + x);
  const out = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries())
    out.set(features.subarray(row * width, (row + 1) * width), at * width);
  return out;
}
