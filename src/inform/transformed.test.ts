import { describe, expect, it } from "vitest";
import type { Picture } from "../formats/index.ts";
import { integralImage } from "../numeric/index.ts";
import { cut, photograph } from "./planted.fixture.ts";
import { recolored, recoloring } from "./recolor.ts";
import { bestTransformed } from "./transformed.ts";
import { rightTurns, turned } from "./turns.ts";

const identity = { degrees: 0, mirrored: false };
const map = (picture: Picture, of: (rgb: number[]) => number[]): Picture => {
  const pixels = picture.pixels.slice();
  for (let i = 0; i < pixels.length; i += 3) pixels.set(of([...picture.pixels.subarray(i, i + 3)]), i);
  return { ...picture, pixels };
};
const inverted = (picture: Picture): Picture => map(picture, (rgb) => rgb.map((value) => 255 - value));
/** Hue shifts by 120° and by 180°. */
const rotatedHue = (picture: Picture): Picture => map(picture, ([r, g, b]) => [b!, r!, g!]);
const oppositeHue = (picture: Picture): Picture =>
  map(picture, (rgb) => rgb.map((value) => Math.max(...rgb) + Math.min(...rgb) - value));
const gray = (picture: Picture): Picture =>
  map(picture, ([r, g, b]) => Array(3).fill(0.299 * r! + 0.587 * g! + 0.114 * b!));

const scene = photograph(120, 90, 1);
const crop = cut(scene, 41, 23, 48, 36);
const images = [integralImage(scene)];

describe("turned", () => {
  it("has order four by right angles and two by reflection, and keeps every pixel", () => {
    let four = crop;
    for (let i = 0; i < 4; i++) four = turned(four, { degrees: 90, mirrored: false });
    expect(four).toEqual(crop);
    const mirror = { degrees: 0, mirrored: true };
    expect(turned(turned(crop, mirror), mirror)).toEqual(crop);
    expect(turned(crop, { degrees: 270, mirrored: false })).toEqual(
      turned(turned(crop, { degrees: 180, mirrored: false }), { degrees: 90, mirrored: false }),
    );
  });
});

describe("recoloring", () => {
  it.each([inverted, rotatedHue, oppositeHue])("undoes %o", (change) => {
    const changed = change(crop);
    const undo = recoloring(Float32Array.from(changed.pixels), Float32Array.from(crop.pixels))!;
    const back = recolored(changed.pixels, undo);
    expect(Math.max(...back.map((value, i) => Math.abs(value - crop.pixels[i]!)))).toBeLessThanOrEqual(2);
  });
});

describe("bestTransformed finds a copy of a place", () => {
  const box = { x: 41, y: 23, w: 48, h: 36 };
  it.each([
    ["inverted", inverted(crop), [identity]],
    ["with another hue", rotatedHue(crop), [identity]],
    ["with the opposite hue", oppositeHue(crop), [identity]],
    ["in gray", gray(crop), [identity]],
    ["turned by a right angle", turned(crop, { degrees: 90, mirrored: false }), rightTurns],
    ["turned and inverted", inverted(turned(crop, { degrees: 180, mirrored: true })), rightTurns],
  ])("%s", (_, helper, turns) => {
    const found = bestTransformed(helper, images, turns)!;
    expect(found.match.ncc).toBeGreaterThan(0.99);
    for (const side of ["x", "y", "w", "h"] as const)
      expect(Math.abs(found.match.box[side] - box[side])).toBeLessThan(1.5);
  });

  it("and none of what is not there", () => {
    const other = cut(photograph(120, 90, 5), 30, 20, 60, 50);
    expect(bestTransformed(inverted(other), images, [identity, ...rightTurns])!.match.ncc).toBeLessThan(0.95);
  });
});
