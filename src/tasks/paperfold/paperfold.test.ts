import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Example, Parameters } from "../types.ts";
import { paperfold } from "./index.ts";
import { painter } from "./paint.ts";
import { type Fold, fold, foldAll, keyOf, randomFold, reflected, sheet, side, unfold } from "./world.ts";

interface State {
  folds: Fold[];
  punched: number[];
  options: number[][];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

const quarters = (shape: Uint8Array): number => shape.filter((each) => each === 1).length;
const holesAfter = (folds: readonly Fold[], punched: number[]) => unfold(folds, foldAll(folds)!, punched);

describe("world", () => {
  it("reflects in the line of each kind of fold", () => {
    expect(reflected({ flap: "left", at: 16 }, [2, 6])).toEqual([30, 6]);
    expect(reflected({ flap: "bottom", at: 12 }, [2, 14])).toEqual([2, 10]);
    expect(reflected({ flap: "top left", at: 32 }, [0, 0])).toEqual([32, 32]);
    expect(reflected({ flap: "top right", at: 0 }, [30, 2])).toEqual([2, 30]);
    expect(reflected({ flap: "top right", at: 16 }, [30, 2])).toEqual([18, 14]);
  });

  it("folds no flap over the edge of the rest", () => {
    expect(quarters(fold(sheet(), { flap: "left", at: 8 })!.shape)).toBe(192);
    expect(fold(sheet(), { flap: "left", at: 20 })).toBeNull();
    expect(fold(sheet(), { flap: "left", at: 0 })).toBeNull();
    const half = fold(sheet(), { flap: "bottom right", at: 32 })!;
    expect([half.moved, half.covered, half.shape].map(quarters)).toEqual([128, 128, 128]);
    // Of that triangle, the right angle can be folded onto the long side, but not the long side's middle beyond it.
    expect(fold(half.shape, { flap: "top left", at: 16 })).not.toBeNull();
    expect(fold(half.shape, { flap: "bottom right", at: 12 })).toBeNull();
  });

  it("unfolds holes through two halvings, a diagonal, and a narrow flap that covers only a part", () => {
    const twice: Fold[] = [
      { flap: "right", at: 16 },
      { flap: "bottom", at: 16 },
    ];
    expect(holesAfter(twice, [9])).toEqual([
      [9, 49],
      [9, 14, 49, 54],
    ]);
    expect(holesAfter([{ flap: "bottom right", at: 32 }], [1])).toEqual([[1, 55]]);
    const narrow: Fold[] = [{ flap: "left", at: 8 }];
    expect(holesAfter(narrow, [2])).toEqual([[1, 2]]);
    expect(holesAfter(narrow, [4])).toEqual([[4]]);
  });

  it("punches neither where there is no paper nor on creases and edges", () => {
    expect(holesAfter([{ flap: "left", at: 8 }], [0])).toBeNull();
    expect(holesAfter([{ flap: "bottom right", at: 32 }], [7])).toBeNull();
    // The corner at the top left comes to lie on the cell 18 with one half only.
    expect(holesAfter([{ flap: "top left", at: 12 }], [9])).toBeNull();
  });

  it("draws folds that can be made, of every kind", () => {
    const r = random(0, "test");
    const seen = new Set<string>();
    for (let i = 0; i < 500; i++) {
      const line = randomFold(r, sheet(), true);
      if (!line) continue;
      seen.add(line.flap);
      expect(quarters(fold(sheet(), line)!.moved)).toBeGreaterThanOrEqual((side * side * 4) / 5);
    }
    expect(seen.size).toBe(8);
  });
});

describe("paperfold", () => {
  const variants: Parameters[] = [1, 2, 3].flatMap((difficulty): Parameters[] => [
    { difficulty },
    { difficulty, rendering: "pocket", plan: "named" },
  ]);

  it.each(variants)("is solved, and leads to every option by as many unfoldings: %o", (variant) => {
    const paint = painter(String(variant.rendering ?? "full"));
    const folded = variant.difficulty === 3 ? 3 : 2;
    for (const split of paperfold.splits) {
      for (const example of paperfold.generate(split, 4, 3, variant)) {
        expect(paperfold.solve(example)).toBe(example.answer);
        const { folds, punched, options } = stateOf(example);
        const ways = holesAfter(folds, punched)!;
        expect(options[example.answer]).toEqual(ways.at(-1));
        expect(new Set(options.map(String)).size).toBe(4);
        expect(new Set(options.map((holes) => holes.length)).size).toBe(1);
        expect(example.helpers.length).toBe(folded);
        const shapes = foldAll(folds)!.map(({ shape }) => shape);
        expect(example.helpers).toEqual(
          ways.map((holes, i) => paint.helper(shapes[folded - 2 - i] ?? sheet(), holes)),
        );
        const shown = options.map((holes) => paint.helper(sheet(), holes));
        for (const [i, way] of example.counterfactuals.entries()) {
          expect(way === null).toBe(i === example.answer);
          expect((way ?? example.helpers).length).toBe(folded);
          expect((way ?? example.helpers).at(-1)).toEqual(shown[i]);
        }
        if (variant.plan) {
          expect(example.reasoning!.length).toBe(folded + 1);
          for (const [i, { flap }] of [...folds].reverse().entries())
            expect(example.reasoning![i]).toContain(flap);
        }
        if (variant.rendering === "pocket") expect(example.images.slice(-4)).toEqual(shown);
      }
    }
  });

  it("folds in held-out in sequences that training never shows", () => {
    const [train, evaluation, heldOut] = paperfold.splits.map((split) => {
      const all = [...paperfold.generate(split, 150, 0, { rendering: "pocket", difficulty: 1 })];
      return new Set(all.map((example) => keyOf(stateOf(example).folds)));
    });
    expect([...heldOut!].filter((key) => train!.has(key) || evaluation!.has(key))).toEqual([]);
    expect([...evaluation!].filter((key) => train!.has(key)).length).toBeGreaterThan(30);
  });

  it("asks in exactly these words, on a sheet of this size", () => {
    const [pocket] = paperfold.generate("eval", 1, 0, { rendering: "pocket" });
    expect(pocket!.question).toBe(
      "<image> <image> unfolded is which ? <image> a <image> b <image> c <image> d",
    );
    const [full] = paperfold.generate("eval", 1, 0);
    expect(full!.question).toContain("is folded 2 times, as the upper row shows");
    expect(full!.state).toEqual(pocket!.state);
    const { width, height } = decodePng(full!.images[0]!)!;
    expect([width, height]).toEqual([720, 408]);
    expect(decodePng(full!.helpers[0]!)!.width).toBe(256);
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = paperfold.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    images[2 + ((example!.answer + 1) % 4)] = images[2 + example!.answer]!;
    expect(() => paperfold.solve({ ...example!, images })).toThrow(
      "exactly one option that shows the sheet unfolded",
    );
    const blank = painter("pocket").helper(sheet(), []);
    expect(() =>
      paperfold.solve({ ...example!, images: [...images.slice(0, 2), blank, blank, blank, blank] }),
    ).toThrow("got none");
  });
});
