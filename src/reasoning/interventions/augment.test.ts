import { describe, expect, it } from "vitest";
import { decodeImage, encodePng } from "../../formats/index.ts";
import type { Example, Picture } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";
import { interventionOf } from "./resolve.ts";

const [width, height] = [24, 16];
const draw = random(0, "augment");
const noise: Picture = {
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, () => draw.integer(256)),
};
const flat: Picture = { width, height, pixels: new Uint8Array(width * height * 3).fill(70) };

async function under(name: string, picture: Picture, id = "1"): Promise<Picture> {
  const example: Example = {
    id,
    question: "<image> ?",
    images: [encodePng(picture)],
    options: ["a", "b"],
    answer: 0,
    helpers: [],
    counterfactuals: [],
    attributes: {},
  };
  const { base, input } = interventionOf(name);
  const changed = await input!({ example, index: 0, examples: [example], random: random(0, base, id) });
  return decodeImage(changed!.example.images[0]!, name);
}

const distance = (a: Picture, b: Picture): number =>
  Math.sqrt(a.pixels.reduce((sum, x, i) => sum + (x - b.pixels[i]!) ** 2, 0) / a.pixels.length);

describe("augmentations", () => {
  it("leave every pixel as it is at dose 0, and the size at every dose", async () => {
    for (const base of ["cropped-image", "blurred-image", "rotated-image", "brightened-image"]) {
      expect((await under(`${base}(0)`, noise)).pixels).toEqual(noise.pixels);
      expect(await under(`${base}(0.3)`, noise)).toMatchObject({ width, height });
      expect(distance(await under(`${base}(0.3)`, noise), noise)).toBeGreaterThan(1);
    }
  });

  it("do not change a picture of one color, but for what a rotation brings in", async () => {
    for (const name of ["cropped-image(0.4)", "blurred-image(0.2)"])
      expect((await under(name, flat)).pixels).toEqual(flat.pixels);
    const turned = await under("rotated-image(30)", flat);
    const values = new Set(turned.pixels);
    expect(values).toContain(70);
    expect(values).toContain(128);
    expect(Math.min(...values)).toBe(70);
    // The center stays.
    expect(turned.pixels[((height / 2) * width + width / 2) * 3]).toBe(70);
  });

  it("move further with the dose", async () => {
    for (const [base, doses] of [
      ["blurred-image", [0.02, 0.05, 0.2]],
      ["rotated-image", [0.5, 1, 2]],
    ] as const) {
      const moved = await Promise.all(
        doses.map(async (d) => distance(await under(`${base}(${d})`, noise), noise)),
      );
      expect([...moved].sort((a, b) => a - b)).toEqual(moved);
    }
  });

  it("turn by half a turn as by reading the picture backwards, and back again", async () => {
    const half = await under("rotated-image(180)", noise);
    const backwards = Array.from({ length: width * height }, (_, i) => {
      const from = (width * height - 1 - i) * 3;
      return [...noise.pixels.subarray(from, from + 3)];
    }).flat();
    expect([...half.pixels]).toEqual(backwards);
    expect((await under("rotated-image(180)", half)).pixels).toEqual(noise.pixels);
  });

  it("blur keeps the mean of the picture's middle, and takes variance away", async () => {
    const mean = ({ pixels }: Picture) => pixels.reduce((sum, x) => sum + x, 0) / pixels.length;
    const soft = await under("blurred-image(0.1)", noise);
    expect(Math.abs(mean(soft) - mean(noise))).toBeLessThan(4);
    const grey = { ...noise, pixels: noise.pixels.map(() => Math.round(mean(noise))) };
    expect(distance(soft, grey)).toBeLessThan(0.5 * distance(noise, grey));
  });

  it("crop another part of another example, the same part of the same", async () => {
    const [a, b] = [
      await under("cropped-image(0.3)", noise, "1"),
      await under("cropped-image(0.3)", noise, "1"),
    ];
    expect(a.pixels).toEqual(b.pixels);
    expect((await under("cropped-image(0.3)", noise, "2")).pixels).not.toEqual(a.pixels);
  });
});
