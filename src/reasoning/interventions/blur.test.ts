import { describe, expect, it } from "vitest";
import type { Picture } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";
import { blurred } from "./blur.ts";

const [width, height] = [48, 32];
const draw = random(0, "blur");
const picture = (value: (x: number, y: number, c: number) => number): Picture => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % width, Math.floor(pixel / width), i % 3);
  }),
});
const noise = picture(() => draw.integer(256));
const edge = picture((x) => (x < 20 ? 0 : 255));
const disk = picture((x, y) => (Math.hypot(x - 24, y - 16) < 8 ? 255 : 0));
const colors = picture((x, y, c) => (c === 0 ? 5 * x : c === 1 ? 7 * y : 90));

/** The sum over both directions at once, with weights up to six standard deviations. */
function gaussian({ pixels }: Picture, sigma: number): number[] {
  const reach = Math.ceil(6 * sigma);
  // Weights of a line's pixels for each place in it; those beyond the edge are the edge's.
  const matrix = (n: number): number[][] =>
    Array.from({ length: n }, (_, at) => {
      const row = Array<number>(n).fill(0);
      for (let k = -reach; k <= reach; k++)
        row[Math.min(n - 1, Math.max(0, at + k))]! += Math.exp(-(k ** 2) / (2 * sigma ** 2));
      const total = row.reduce((sum, w) => sum + w, 0);
      return row.map((w) => w / total);
    });
  const [across, down] = [matrix(width), matrix(height)];
  const rows = Array.from({ length: pixels.length }, (_, i) => {
    const [y, x, c] = [Math.floor(i / (3 * width)), Math.floor(i / 3) % width, i % 3];
    return across[x]!.reduce((sum, w, u) => sum + w * pixels[(y * width + u) * 3 + c]!, 0);
  });
  return rows.map((_, i) => {
    const [y, rest] = [Math.floor(i / (3 * width)), i % (3 * width)];
    return down[y]!.reduce((sum, w, v) => sum + w * rows[v * 3 * width + rest]!, 0);
  });
}

const farthest = (given: Picture, sigma: number): number => {
  const found = blurred(given, sigma);
  return gaussian(given, sigma).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
};
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe("blur", () => {
  it.each([0.3, 1, 2.5, 5.9])("is the Gaussian within a level at a standard deviation of %d", (sigma) => {
    for (const each of [noise, edge, colors]) expect(farthest(each, sigma)).toBeLessThan(1);
    expect(farthest(disk, sigma)).toBeLessThan(1.3);
  });

  it.each([6, 7.3, 12, 16])("is near the Gaussian at a standard deviation of %d", (sigma) => {
    for (const each of [noise, edge, colors]) expect(farthest(each, sigma)).toBeLessThan(3);
    // Along both directions at once.
    expect(farthest(disk, sigma)).toBeLessThan(7);
  });

  it("leaves a picture of one color as it is", () => {
    const flat = picture((_x, _y, c) => 70 + 50 * c);
    for (const sigma of [0.3, 3, 5.9, 6, 16, 100]) expect(blurred(flat, sigma)).toEqual(flat.pixels);
  });

  it("keeps the mean where nothing reaches an edge, and comes to the same on a picture that is turned", () => {
    const spot = picture((x, y) => (Math.abs(x - 23) < 3 && Math.abs(y - 15) < 3 ? 255 : 100));
    for (const sigma of [1, 2, 3]) expect(mean(blurred(spot, sigma))).toBeCloseTo(mean(spot.pixels), 0);
    // Three means reach three standard deviations far.
    const wide: Picture = { width: 200, height: 150, pixels: new Uint8Array(200 * 150 * 3) };
    for (let y = 60; y < 90; y++) wide.pixels.fill(255, (y * 200 + 80) * 3, (y * 200 + 120) * 3);
    for (const sigma of [6, 9.5, 14])
      expect(Math.abs(mean(blurred(wide, sigma)) - mean(wide.pixels))).toBeLessThan(0.1);
    const backwards = (pixels: Uint8Array): number[] =>
      Array.from(pixels, (_, i) => pixels[pixels.length - 3 - 3 * Math.floor(i / 3) + (i % 3)]!);
    const turned: Picture = { ...noise, pixels: Uint8Array.from(backwards(noise.pixels)) };
    for (const sigma of [2, 9]) {
      const [there, back] = [blurred(noise, sigma), backwards(blurred(turned, sigma))];
      // Sums in another order may round otherwise.
      expect(Math.max(...there.map((x, i) => Math.abs(x - back[i]!)))).toBeLessThanOrEqual(1);
    }
  });
});
