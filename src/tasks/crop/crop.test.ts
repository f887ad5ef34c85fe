import { describe, expect, it } from "vitest";
import { pixelHash } from "../../../test/support/pixels.ts";
import { pocketOf } from "../../../test/support/pocket.ts";
import { decodePng, encodePng, type Picture } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Example } from "../types.ts";
import * as registered from "./index.ts";
import { cropPainter } from "./paint.ts";
import { colors, drawScene, isHeldOut, shapes } from "./world.ts";

const crop = pocketOf(registered.crop);
const cropMasked = pocketOf(registered.cropMasked);

const places = ["top left", "top right", "bottom left", "bottom right"];

/** The pixels of the panel of a scene at a place. */
function panelAt(scene: Picture, place: string): Buffer {
  const i = places.indexOf(place);
  const corner = Math.floor(i / 2) * 96 * 192 + (i % 2) * 96;
  const lines = Array.from({ length: 96 }, (_, y) =>
    scene.pixels.subarray((corner + y * 192) * 3, (corner + y * 192 + 96) * 3),
  );
  return Buffer.concat(lines);
}

/** Means of 8 × 8 pixels: the panel as the pocket model sees it, 12 × 12 pixels. */
function shrunk({ pixels }: Picture): number[] {
  const out = Array<number>(12 * 12 * 3).fill(0);
  for (let y = 0; y < 96; y++) {
    for (let x = 0; x < 96; x++) {
      for (let c = 0; c < 3; c++)
        out[((y >> 3) * 12 + (x >> 3)) * 3 + c]! += pixels[(y * 96 + x) * 3 + c]! / 64;
    }
  }
  return out;
}

const pair = ({ attributes }: Example): string => `${attributes.color} ${attributes.shape}`;

describe("crop", () => {
  it("asks in exactly these words, with the options in the order of the question", () => {
    for (const example of crop.generate("eval", 100, 0)) {
      const [a, b, c, d] = example.options;
      const words =
        example.attributes.ask === "color" ? "what color is the marked shape" : "what shape is marked";
      expect(example.question).toBe(`<image> ${words} ? ${a} , ${b} , ${c} or ${d}`);
    }
  });

  it("has as helper exactly the crop of the marked panel of the clear scene", () => {
    for (const split of ["train", "eval", "held-out"]) {
      for (const example of crop.generate(split, 100, 0, { jitter: 5 })) {
        const helper = decodePng(example.helpers[0]!)!;
        const scene = decodePng(example.images[0]!)!;
        expect([scene.width, scene.height, helper.width, helper.height]).toEqual([192, 192, 96, 96]);
        expect(panelAt(scene, String(example.attributes.place)).equals(helper.pixels)).toBe(true);
      }
    }
  });

  it("has the same helper without the mark where that is asked for, and nothing else is changed", () => {
    const marked = [...crop.generate("eval", 40, 0)];
    for (const [i, example] of [...crop.generate("eval", 40, 0, { helper: "unmarked" })].entries()) {
      const twin = marked[i]!;
      expect({ ...example, helpers: [], counterfactuals: [] }).toEqual({
        ...twin,
        helpers: [],
        counterfactuals: [],
      });
      const [bare, ground] = [example, twin].map(({ helpers }) => decodePng(helpers[0]!)!.pixels) as [
        Buffer,
        Buffer,
      ];
      // The corner shows the ground: exchanging one ground for the other makes the two equal.
      const [paper, mark] = [bare.subarray(0, 3), ground.subarray(0, 3)];
      expect(Buffer.compare(paper, mark)).not.toBe(0);
      for (let at = 0; at < bare.length; at += 3) {
        const pixel = ground.subarray(at, at + 3);
        const want = Buffer.compare(pixel, mark) === 0 ? paper : pixel;
        if (Buffer.compare(want, bare.subarray(at, at + 3)) !== 0)
          throw new Error(`pixel ${at / 3} of ${example.id}`);
      }
      expect(registered.crop.solve(example)).toBe(example.answer);
    }
  });

  it("hides that panel, and nothing else, in the split that shows eval masked, number by number", () => {
    const clear = [...crop.generate("eval", 100, 0)];
    const masked = [...crop.generate("masked", 100, 0)];
    for (const [i, example] of masked.entries()) {
      const twin = clear[i]!;
      expect(example.id).toBe(twin.id.replace("eval", "masked"));
      expect(example.attributes).toEqual({ ...twin.attributes, masked: true });
      const rest = { id: "", images: [], attributes: {}, state: null };
      expect({ ...example, ...rest }).toEqual({ ...twin, ...rest });
      expect(example.state).toEqual({ ...(twin.state as object), masked: true });
      const scenes = [example, twin].map(({ images }) => decodePng(images[0]!)!);
      for (const place of places) {
        const [hidden, seen] = scenes.map((scene) => panelAt(scene, place));
        const expected = place === twin.attributes.place ? Buffer.alloc(96 * 96 * 3, 128) : seen!;
        expect(hidden!.equals(expected)).toBe(true);
      }
    }
    expect([...cropMasked.generate("eval", 100, 0)].map(({ images }) => images)).toEqual(
      masked.map(({ images }) => images),
    );
  });

  it("marks in held-out only colours with shapes that are never marked elsewhere", () => {
    const held = new Set([...crop.generate("held-out", 1000, 0)].map(pair));
    const seen = new Set(["train", "eval"].flatMap((split) => [...crop.generate(split, 1500, 0)].map(pair)));
    expect([held.size, seen.size]).toEqual([6, 18]);
    expect([...held].filter((each) => seen.has(each))).toEqual([]);
    for (const [i, [color]] of colors.entries()) {
      for (const [j, shape] of shapes.entries()) expect(held.has(`${color} ${shape}`)).toBe(isHeldOut(i, j));
    }
  });

  it("marks a panel beside it where that is asked for: neither the panel nor the crop shows the mark", () => {
    const inside = [...crop.generate("eval", 60, 0, { helper: "unmarked", edits: true })];
    const beside = [...crop.generate("eval", 60, 0, { mark: "beside", edits: true })];
    const masked = [...crop.generate("masked", 60, 0, { mark: "beside" })];
    for (const [i, example] of beside.entries()) {
      const { images: _, state, edits, ...rest } = example;
      const twin = inside[i]!;
      expect(rest).toEqual((({ images: _1, state: _2, edits: _3, ...same }) => same)(twin));
      expect(edits!.map(({ kind, answer }) => [kind, answer])).toEqual(
        twin.edits!.map(({ kind, answer }) => [kind, answer]),
      );
      expect(state).toEqual({ ...(twin.state as object), mark: "beside" });
      const at = places.indexOf(String(example.attributes.place));
      for (const { image, hidden } of [
        { image: example.images[0]!, hidden: false },
        { image: masked[i]!.images[0]!, hidden: true },
      ]) {
        const scene = decodePng(image)!;
        expect([scene.width, scene.height]).toEqual([384, 192]);
        const square = (column: number, row: number): Buffer =>
          Buffer.concat(
            Array.from({ length: 96 }, (_, y) =>
              scene.pixels.subarray(
                ((row * 96 + y) * 384 + column * 96) * 3,
                ((row * 96 + y) * 384 + column * 96 + 96) * 3,
              ),
            ),
          );
        for (const [k] of places.entries()) {
          const [column, row] = [2 * (k % 2), Math.floor(k / 2)];
          const mark = square(column, row);
          expect(mark.every((byte, index) => byte === mark[index % 3])).toBe(true);
          expect(mark[0]! < 128).toBe(k === at);
          const panel = hidden ? Buffer.alloc(96 * 96 * 3, 128) : decodePng(example.helpers[0]!)!.pixels;
          if (k === at) expect(square(column + 1, row).equals(panel)).toBe(true);
        }
      }
      expect(registered.crop.solve(example)).toBe(example.answer);
      expect(registered.crop.solve(masked[i]!)).toBe(example.answer);
      const column = 2 * (at % 2) + 1;
      const [x, y] = [column * 96, Math.floor(at / 2) * 96];
      expect(registered.crop.describe!(example).regions).toEqual([{ image: 0, box: [x, y, x + 96, y + 96] }]);
    }
  });

  it("has as counterfactual of an option the same crop in that colour or shape", () => {
    const painter = cropPainter();
    for (const example of crop.generate("train", 300, 0)) {
      const { ask, color, shape } = example.attributes;
      for (const [i, option] of example.options.entries()) {
        if (i === example.answer) continue;
        const wanted = ask === "color" ? [option, shape] : [color, option];
        const thing = {
          color: colors.findIndex(([name]) => name === wanted[0]),
          shape: shapes.indexOf(wanted[1] as (typeof shapes)[number]),
          dx: 0,
          dy: 0,
        };
        expect(example.counterfactuals[i]).toEqual([painter.crop(thing)]);
        expect(example.counterfactuals[i]).not.toEqual(example.helpers);
      }
    }
  });

  it("gives nothing away but by the picture: answers and asked things are uniform", () => {
    for (const heldOut of [false, true]) {
      const r = random(0, "test of crop");
      const answers = { color: Array<number>(6).fill(0), shape: Array<number>(4).fill(0) };
      const places = Array<number>(4).fill(0);
      for (let i = 0; i < 24_000; i++) {
        const { panels, marked, ask } = drawScene(r, heldOut, 0);
        answers[ask][panels[marked]![ask]]!++;
        places[marked]!++;
      }
      // 12,000 questions of either kind; five standard deviations.
      for (const count of answers.color) expect(Math.abs(count - 2000)).toBeLessThan(205);
      for (const count of answers.shape) expect(Math.abs(count - 3000)).toBeLessThan(240);
      for (const count of places) expect(Math.abs(count - 6000)).toBeLessThan(340);
    }
  });

  it("stays recognisable at 12 × 12 pixels: every crop is nearest to itself, by far", () => {
    const painter = cropPainter();
    const small: number[][] = [];
    for (let color = 0; color < colors.length; color++) {
      for (let shape = 0; shape < shapes.length; shape++) {
        small.push(shrunk(decodePng(painter.crop({ color, shape, dx: 0, dy: 0 }))!));
      }
    }
    for (const [i, a] of small.entries()) {
      for (const b of small.slice(i + 1)) {
        const distance = Math.sqrt(a.reduce((sum, value, k) => sum + (value - b[k]!) ** 2, 0) / a.length);
        expect(distance).toBeGreaterThan(15);
      }
    }
  });

  it("keeps the pocket rendering of the published study, pixel for pixel", () => {
    const first = (task: typeof crop): Example[] =>
      task.splits.flatMap((split) => [...task.generate(split, 40, 0)].map(({ state: _, ...rest }) => rest));
    expect(pixelHash(first(crop))).toBe("be6b9545258781d21cf3d82de74a368ce950c9e5bb04a7efd0536b387e5787f1");
    expect(pixelHash(first(cropMasked))).toBe(
      "3c8b791a56f83ebdb5cbbd2331f083a13808af088c897396269e50ba236f527a",
    );
  });

  it("is solved with shapes off their centres too", () => {
    for (const task of [crop, cropMasked]) {
      for (const split of task.splits) {
        for (const example of task.generate(split, 50, 3, { jitter: 9 }))
          expect(task.solve(example)).toBe(example.answer);
      }
    }
  });

  it("reports an example without a marked panel, or without the right word", () => {
    const [example] = crop.generate("eval", 1, 0);
    const blank = encodePng({ width: 192, height: 192, pixels: new Uint8Array(192 * 192 * 3).fill(200) });
    expect(() => crop.solve({ ...example!, images: [blank] })).toThrow("exactly one marked panel, got 0");
    const options = example!.options.map((option, i) => (i === example!.answer ? "mauve" : option));
    expect(() => crop.solve({ ...example!, options })).toThrow("expected exactly one option that names");
  });
});
