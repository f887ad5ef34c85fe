import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeImage, type Picture } from "../formats/index.ts";
import { integralImage } from "../numeric/index.ts";
import { tasks } from "../tasks/index.ts";
import { bestMatch, correlationMap } from "./match.ts";
import { cut, photograph } from "./planted.fixture.ts";
import { centered, type Stencil } from "./template.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/goldens/inform/correlation.json", import.meta.url), "utf8"),
) as Record<"image" | "template", number[][][]> & Record<"mask" | "all" | "masked", number[][]>;

function stencil(cells: number[]): Stencil {
  const means = Float32Array.from(golden.template.flat(2));
  const numbers = Int32Array.from(cells);
  return { columns: 5, rows: 4, cells: numbers, ...centered(means, numbers) };
}

const enlarged = (picture: Picture, times: number): Picture => {
  const [width, height] = [picture.width * times, picture.height * times];
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const from = Math.floor(Math.floor(i / width) / times) * picture.width + Math.floor((i % width) / times);
    pixels.set(picture.pixels.subarray(3 * from, 3 * from + 3), 3 * i);
  }
  return { width, height, pixels };
};

describe("correlation at every place", () => {
  it.each([
    ["all", [...Array(20).keys()]],
    ["masked", golden.mask.flat().flatMap((counts, i) => (counts ? [i] : []))],
  ] as const)("equals numpy's: %s cells", (name, cells) => {
    const map = correlationMap(stencil([...cells]), Float32Array.from(golden.image.flat(2)), 12, 9);
    const expected = golden[name].flat();
    expect(map).toHaveLength(expected.length);
    for (const [i, value] of map.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
    expect(expected.indexOf(Math.max(...expected))).toBe(3 * 8 + 5);
  });
});

describe("bestMatch", () => {
  const scene = photograph(200, 150, 1);
  const others = [photograph(200, 150, 2), scene].map(integralImage);

  it("finds a crop to the pixel, and one that was enlarged", () => {
    const crop = cut(scene, 71, 33, 60, 44);
    const found = bestMatch(crop, others)!;
    expect(found.ncc).toBeCloseTo(1, 6);
    expect(found).toMatchObject({ image: 1, box: { x: 71, y: 33, w: 60, h: 44 } });
    const large = bestMatch(enlarged(crop, 3), others)!;
    expect(large.ncc).toBeGreaterThan(0.99);
    for (const key of ["x", "y", "w", "h"] as const) {
      expect(Math.abs(large.box[key] - found.box[key])).toBeLessThan(2.5);
    }
  });

  it("does not find what is not there", () => {
    expect(bestMatch(cut(photograph(200, 150, 3), 20, 20, 90, 80), others)!.ncc).toBeLessThan(0.9);
    const mirrored = cut(scene, 71, 33, 60, 44);
    for (let y = 0; y < 44; y++) {
      const row = mirrored.pixels.slice(180 * y, 180 * y + 180);
      for (let x = 0; x < 60; x++)
        mirrored.pixels.set(row.subarray(3 * (59 - x), 3 * (60 - x)), 180 * y + 3 * x);
    }
    expect(bestMatch(mirrored, others)!.ncc).toBeLessThan(0.95);
  });

  it("has no answer for a helper of one colour", () => {
    expect(bestMatch({ width: 8, height: 8, pixels: new Uint8Array(192).fill(9) }, others)).toBeNull();
    expect(bestMatch(scene, [])).toBeNull();
  });

  it("looks past flat surroundings: a piece on an empty sheet is found among other things", () => {
    const piece = cut(scene, 71, 33, 40, 40);
    const sheet: Picture = { width: 160, height: 120, pixels: new Uint8Array(160 * 120 * 3).fill(255) };
    for (let y = 0; y < 40; y++)
      sheet.pixels.set(piece.pixels.subarray(120 * y, 120 * y + 120), 3 * ((30 + y) * 160 + 90));
    const found = bestMatch(sheet, others)!;
    // A rim of the sheet's white counts, which the scene does not have.
    expect(found.ncc).toBeGreaterThan(0.5);
    expect(found.image).toBe(1);
  });

  it("finds crops where they were taken, and no hidden ones", async () => {
    for (const [task, contained] of [
      ["crop", true],
      ["crop-masked", false],
    ] as const) {
      for (const { images, helpers } of tasks[task].generate("eval", 4, 0, { rendering: "pocket" })) {
        const found = bestMatch(await decodeImage(helpers[0]!), [
          integralImage(await decodeImage(images[0]!)),
        ])!;
        expect(found.ncc >= 0.95).toBe(contained);
      }
    }
  });
});
