import { describe, expect, it } from "vitest";
import { integralImage } from "../numeric/index.ts";
import { tasks } from "../tasks/index.ts";
import { novelPart } from "./novel.ts";
import { prepareExample } from "./prepared-example.ts";

const noise = (width: number, height: number) => ({
  width,
  height,
  pixels: new Uint8Array(3 * width * height).map((_, i) => (i * 7919 + (i >> 7) * 104729) % 251),
});

describe("novelPart", () => {
  const image = noise(96, 64);
  const match = { ncc: 0.8, image: 0, box: { x: 0, y: 0, w: 96, h: 64 } };
  const edited = (x0: number, y0: number, size: number) => {
    const pixels = image.pixels.slice();
    for (let y = y0; y < y0 + size; y++) pixels.fill(255, 3 * (96 * y + x0), 3 * (96 * y + x0 + size));
    return { ...image, pixels };
  };

  it("is the rectangle around what differs", () => {
    const part = novelPart(edited(40, 20, 20), match, [integralImage(image)])!;
    expect([part.width, part.height]).toEqual([20, 20]);
    expect(part.pixels.every((value) => value === 255)).toBe(true);
  });

  it("is nothing where all is as in the input, more than half differs, or too little to be looked for", () => {
    const table = [integralImage(image)];
    expect(novelPart(image, match, table)).toBeNull();
    expect(novelPart(edited(0, 0, 64), match, table)).toBeNull();
    expect(novelPart(edited(40, 20, 4), match, table)).toBeNull();
    expect(novelPart(edited(40, 20, 20), { ...match, ncc: 0.96 }, table)).toBeNull();
    expect(novelPart(edited(40, 20, 20), null, table)).toBeNull();
  });

  it("is a jigsaw's missing piece, which is found among the options", { timeout: 120_000 }, async () => {
    let right = 0;
    for (const example of tasks.jigsaw.generate("train", 8, 0)) {
      const { novel } = await prepareExample(example);
      // Four options side by side on a sheet of 656 pixels.
      if (novel && Math.floor((novel.box.x + novel.box.w / 2 - 48) / 140) === example.answer) right++;
    }
    expect(right).toBeGreaterThanOrEqual(6);
  });

  it("is null for crops, which are contained", async () => {
    for (const example of tasks.crop.generate("train", 3, 0))
      expect((await prepareExample(example)).novel).toBeNull();
  });
});
