import { describe, expect, it } from "vitest";
import { decodePng, type Picture } from "../../formats/index.ts";
import type { Example } from "../types.ts";
import { isHeldOutItem } from "./full-scene.ts";
import { crop, cropMasked } from "./index.ts";

const decode = (bytes: Uint8Array): Picture => decodePng(bytes)!;

/** Pixels of a field of the scene, shrunk or not: `step` skips pixels of an enlarged crop. */
function colorsOf({ width, pixels }: Picture, left: number, top: number, edge: number, step = 1): string[] {
  return Array.from({ length: edge * edge }, (_, i) => {
    const at = ((top + Math.floor(i / edge) * step) * width + left + (i % edge) * step) * 3;
    return `${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`;
  });
}

/** Where the marked field lies in the scene: fields are 624 / side apart, from 12 on, 6 off the edge. */
function fieldOf({ attributes }: Example, side: number) {
  const pitch = 624 / side;
  return {
    left: 12 + (Number(attributes.column) - 1) * pitch + 6,
    top: 12 + (Number(attributes.row) - 1) * pitch + 6,
    edge: pitch - 12,
  };
}

describe("crop in full rendering", () => {
  it.each([
    [1, 4],
    [2, 6],
    [3, 8],
  ])(
    "has as helper exactly the crop of the framed field, without the frame: difficulty %i",
    (difficulty, side) => {
      for (const example of crop.generate("eval", 20, 0, { difficulty, jitter: 9 })) {
        const { left, top, edge } = fieldOf(example, side);
        const helper = decode(example.helpers[0]!);
        const scene = colorsOf(decode(example.images[0]!), left, top, edge);
        expect(colorsOf(helper, 0, 0, edge, helper.width / edge)).toEqual(scene);
        expect(scene).not.toContain("16,16,20");
        expect(colorsOf(decode(example.images[0]!), left - 5, top - 5, 4)).toEqual(
          Array(16).fill("16,16,20"),
        );
      }
    },
  );

  it("hides that field, and nothing else, in the split that shows eval masked, and everywhere in crop-masked", () => {
    const clear = [...crop.generate("eval", 20, 0)];
    for (const [i, example] of [...crop.generate("masked", 20, 0)].entries()) {
      const { left, top, edge } = fieldOf(example, 6);
      const [hidden, seen] = [example, clear[i]!].map(({ images }) => decode(images[0]!));
      expect(colorsOf(hidden!, left, top, edge)).toEqual(Array(edge * edge).fill("128,128,128"));
      const differing = hidden!.pixels.filter((value, at) => value !== seen!.pixels[at]).length;
      expect(differing).toBeLessThanOrEqual(edge * edge * 3);
      expect(example.helpers).toEqual(clear[i]!.helpers);
    }
    expect([...cropMasked.generate("eval", 5, 0)].map(({ images }) => images)).toEqual(
      [...crop.generate("masked", 5, 0)].map(({ images }) => images),
    );
  });

  it("frames in held-out only colours with values that are never framed elsewhere, and asks for all four", () => {
    const asked = new Map<string, number>();
    for (const split of ["train", "held-out"]) {
      for (const { attributes } of crop.generate(split, 300, 0)) {
        const { color, kind, value, ask } = attributes as Record<string, string>;
        const index = ["red", "blue", "green", "yellow", "purple", "orange"].indexOf(color!);
        expect(isHeldOutItem(index, kind as "text", value!)).toBe(split === "held-out");
        asked.set(ask!, (asked.get(ask!) ?? 0) + 1);
      }
    }
    expect([...asked.keys()].sort()).toEqual(["color", "dots", "shape", "text"]);
    for (const count of asked.values()) expect(Math.abs(count - 150)).toBeLessThan(60);
  });

  it("has counterfactuals that make the other words right: seen alone, they are solved so", () => {
    for (const example of cropMasked.generate("train", 60, 0)) {
      for (const [i, helpers] of example.counterfactuals.entries()) {
        if (helpers) expect(cropMasked.solve({ ...example, helpers })).toBe(i);
      }
    }
  });

  it("reports a scene without a frame, and one without the right word", () => {
    const [example] = crop.generate("eval", 1, 0);
    expect(() => crop.solve({ ...example!, images: example!.helpers })).toThrow("one square frame");
    const options = example!.options.map((option, i) => (i === example!.answer ? "mauve" : option));
    expect(() => crop.solve({ ...example!, options })).toThrow("exactly one option that names");
  });
});
