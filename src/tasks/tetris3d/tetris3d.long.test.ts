/** Every variant of tetris3d, over many examples. */
import { expect, it } from "vitest";
import type { Example, Parameters } from "../types.ts";
import { readable } from "./camera.ts";
import { tetris3d } from "./index.ts";
import { painter } from "./paint.ts";
import { type Cubes, keyOf, rotations, shapeKey, turned } from "./world.ts";

interface State {
  object: Cubes;
  rotation: number[];
  turns: { axis: "x" | "y" | "z"; quarters: number }[];
  a: Cubes | null;
  options: Cubes[];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

const variants: Parameters[] = ["words", "analogy"].flatMap((by) =>
  [1, 2, 3].flatMap((difficulty): Parameters[] => [
    { by, difficulty },
    { by, difficulty, rendering: "pocket", plan: "named" },
  ]),
);

it.each(variants)("is solved, and leads to every option by as many helpers: %o", (variant) => {
  const paint = painter(String(variant.rendering ?? "full"));
  for (const split of tetris3d.splits) {
    for (const example of tetris3d.generate(split, 3, 3, variant)) {
      expect(tetris3d.solve(example)).toBe(example.answer);
      const { object, rotation, turns, a, options } = stateOf(example);
      expect(keyOf(options[example.answer]!)).toBe(keyOf(turned(object, rotation)));
      expect(new Set(options.map(keyOf)).size).toBe(4);
      // Two are the object, and two are another.
      expect(
        options.filter((each) => rotations.some((r) => keyOf(turned(object, r)) === keyOf(each))).length,
      ).toBe(2);
      for (const seen of [object, ...options, ...(a ? [a, turned(a, rotation)] : [])])
        expect(readable(seen)).toBe(true);
      const blocks = variant.by === "words" ? Number(variant.difficulty) : 1;
      expect(turns.length).toBe(variant.by === "words" ? blocks : turns.length);
      expect(example.helpers.length).toBe(blocks);
      if (variant.plan) expect(example.reasoning!.length).toBe(blocks + 1);
      const ends = [example.helpers, ...example.counterfactuals.filter((each) => each !== null)];
      expect(ends.every((each) => each.length === blocks)).toBe(true);
      const shown = options.map(paint.helper);
      for (const [i, way] of example.counterfactuals.entries())
        expect((way ?? example.helpers).at(-1)).toEqual(shown[i]);
      if (variant.rendering === "pocket") expect(example.images.slice(-4)).toEqual(shown);
    }
  }
});

it("shows shapes and numbers of cubes in held-out splits that training never shows", () => {
  const shapes = (split: string) => {
    const all = [...tetris3d.generate(split, 120, 0, { by: "analogy", rendering: "pocket" })].map(stateOf);
    const shown = all.flatMap(({ object, a, options }) => [object, a!, ...options]);
    return {
      keys: new Set(shown.map((each) => shapeKey(each)!)),
      sizes: new Set(shown.map(({ length }) => length)),
    };
  };
  const [train, evaluation, heldOut, cells] = tetris3d.splits.map(shapes);
  expect([...heldOut!.keys].filter((key) => train!.keys.has(key) || evaluation!.keys.has(key))).toEqual([]);
  expect([...evaluation!.keys].filter((key) => train!.keys.has(key)).length).toBeGreaterThan(40);
  expect([train, evaluation, heldOut].map((each) => [...each!.sizes].sort())).toEqual([[6, 7], [6, 7], [6, 7]]); // biome-ignore format: one line
  expect([...cells!.sizes]).toEqual([8]);
});
