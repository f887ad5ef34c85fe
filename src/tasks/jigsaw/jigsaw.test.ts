import { describe, expect, it } from "vitest";
import { decodePng, type Picture } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Example, Parameters } from "../types.ts";
import { jigsaw } from "./index.ts";
import { paint } from "./paint.ts";
import { drawChoice, hues, type JigsawScene, levels, pathOf, sceneOf } from "./world.ts";

interface State {
  scene: JigsawScene;
  options: JigsawScene[];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

const gap = { x: 24, y: 30, size: 40 };

/** The square of a picture at (x, y), as text. */
const square = ({ width, pixels }: Picture, x: number, y: number, size: number): string =>
  Array.from({ length: size }, (_, row) => {
    const from = ((y + row) * width + x) * 3;
    return pixels.subarray(from, from + size * 3).join();
  }).join("\n");

describe("world", () => {
  it("leads bands at right angles over the gap's border, and beyond the picture's edges", () => {
    const path = pathOf(gap, {
      hue: 0,
      width: 8,
      ends: [
        { side: "left", along: 10, swerve: 4 },
        { side: "bottom", along: 25, swerve: -3 },
      ],
    });
    expect(path).toEqual([
      [-8, 44],
      [18, 40],
      [30, 40],
      [49, 64],
      [49, 76],
      [46, 104],
    ]);
  });

  it("draws versions of bands that differ clearly, at both ends or at one", () => {
    const r = random(0, "test");
    for (const [difficulty, level] of Object.entries(levels)) {
      for (let i = 0; i < 40; ) {
        const choice = drawChoice(r, Number(difficulty), () => true);
        if (!choice) continue;
        i++;
        for (const [one, two] of choice.bands) {
          const shifts = one.ends.map((end, k) => Math.abs(end.along - two.ends[k]!.along));
          expect(shifts.filter((shift) => shift >= level.least).length).toBe(level.oneEnd ? 1 : 2);
          expect(one.ends.map(({ side }) => side)).toEqual(two.ends.map(({ side }) => side));
        }
        const sides = choice.bands.flatMap(([{ ends }]) => ends.map(({ side }) => side));
        expect(new Set(sides).size).toBe(4);
        const used = new Set(choice.bands.map(([{ hue }]) => hue));
        expect(choice.discs.some(({ hue }) => used.has(hue))).toBe(false);
      }
    }
    expect(drawChoice(r, 1, () => false)).toBeNull();
  });
});

describe("paint", () => {
  it("cuts pieces out of pictures, so that the right one completes it without a seam", () => {
    const r = random(1, "test");
    let choice = drawChoice(r, 2, () => true);
    while (!choice) choice = drawChoice(r, 2, () => true);
    const drawn = choice;
    const scenes = [0, 1, 2, 3].map((i) => sceneOf(drawn, i >> 1, i & 1));
    for (const answer of [0, 3]) {
      const { images, completed } = paint("pocket", scenes, answer);
      const [asked, ...pieces] = images.map((bytes) => decodePng(bytes)!);
      const { x, y, size } = drawn.gap;
      for (const [i, piece] of pieces.entries()) {
        const filled = decodePng(completed[i]!)!;
        expect(square(filled, x, y, size)).toBe(square(piece, x, y, size));
        // Nothing but the gap is different from what is asked about.
        const differing = filled.pixels.findIndex((value, at) => {
          const pixel = Math.floor(at / 3);
          const [column, row] = [pixel % 96, Math.floor(pixel / 96)];
          const inside = column >= x && column < x + size && row >= y && row < y + size;
          return !inside && value !== asked!.pixels[at];
        });
        expect(differing).toBe(-1);
      }
      expect(new Set(completed.map((bytes) => Buffer.from(bytes).toString("base64"))).size).toBe(4);
    }
  });
});

describe("jigsaw", () => {
  const variants: Parameters[] = [1, 2, 3].flatMap((difficulty): Parameters[] => [
    { difficulty },
    { difficulty, rendering: "pocket", plan: "named" },
  ]);

  it.each(variants)("is solved, and every piece has its completed picture: %o", (variant) => {
    for (const split of jigsaw.splits) {
      for (const example of jigsaw.generate(split, 4, 3, variant)) {
        expect(jigsaw.solve(example)).toBe(example.answer);
        const { scene, options } = stateOf(example);
        expect(options[example.answer]).toEqual(scene);
        const { completed } = paint(String(variant.rendering ?? "full"), options, example.answer);
        expect(example.helpers).toEqual([completed[example.answer]]);
        for (const [i, way] of example.counterfactuals.entries())
          expect(way).toEqual(i === example.answer ? null : [completed[i]]);
        if (variant.plan) {
          expect(example.reasoning!.length).toBe(2);
          for (const { hue } of scene.bands) expect(example.reasoning![0]).toContain(hues[hue]);
        }
      }
    }
  });

  it("shows pairs of bands in held-out that training never shows together", () => {
    const [train, evaluation, heldOut] = jigsaw.splits.map((split) => {
      const all = [...jigsaw.generate(split, 150, 0, { rendering: "pocket" })].map(stateOf);
      return new Set(all.map(({ scene }) => String(scene.bands.map(({ hue }) => hue).sort())));
    });
    expect([...heldOut!].filter((pair) => train!.has(pair) || evaluation!.has(pair))).toEqual([]);
    expect(evaluation).toEqual(train);
    expect(heldOut!.size).toBeGreaterThan(3);
  });

  it("asks in exactly these words, on a sheet of this size", () => {
    const [pocket] = jigsaw.generate("eval", 1, 0, { rendering: "pocket" });
    expect(pocket!.question).toBe("<image> is completed by which ? <image> a <image> b <image> c <image> d");
    const [full] = jigsaw.generate("eval", 1, 0);
    expect(full!.state).toEqual(pocket!.state);
    expect(decodePng(full!.images[0]!)!.width).toBe(656);
    expect(decodePng(full!.helpers[0]!)!.width).toBe(288);
  });

  it("reports an example with no right option, with two, or without a gap", () => {
    const [example] = jigsaw.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    const right = images[1 + example!.answer]!;
    images[1 + ((example!.answer + 1) % 4)] = right;
    expect(() => jigsaw.solve({ ...example!, images })).toThrow("exactly one piece that fits");
    const wrong = example!.images[1 + ((example!.answer + 2) % 4)]!;
    const broken = example!.images.map((bytes, i) => (i === 1 + example!.answer ? wrong : bytes));
    expect(() => jigsaw.solve({ ...example!, images: broken })).toThrow("got none");
    const whole = [example!.helpers[0]!, ...images.slice(1)];
    expect(() => jigsaw.solve({ ...example!, images: whole })).toThrow(
      "a square gap in the picture, got none",
    );
  });
});
