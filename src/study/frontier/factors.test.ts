import { describe, expect, test } from "vitest";
import { random } from "../../util/index.ts";
import type { Design } from "../plan.ts";
import type { CellResult } from "../results.ts";
import { aliasesOf, factorEffects } from "./factors.ts";

const factors = {
  head: ["none", "linear"],
  space: ["raw", "standardised"],
  slots: ["oracle", "own"],
  weight: ["0.1", "1"],
};

/** The half of 2⁴ in which the fourth sign is the product of the first three: main effects are free of pairs. */
const half: Design = {
  tasks: ["t"],
  factors,
  runs: Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => {
      const bits = [i & 1, (i >> 1) & 1, (i >> 2) & 1];
      const all = [...bits, (bits[0]! + bits[1]! + bits[2]!) % 2];
      const levels = Object.entries(factors).map(([name, pair], f) => [name, pair[all[f]!]!]);
      return [`run${i}`, Object.fromEntries(levels)];
    }),
  ),
};

type Truth = (levels: Record<string, string>, seed: number) => number;

function cellsOf(design: Design, truth: Truth, seeds: number): CellResult[] {
  return Object.entries(design.runs).flatMap(([recipe, levels]) =>
    Array.from({ length: seeds }, (_, seed) => {
      const own = truth(levels, seed);
      const audits = [{ split: "eval", interventions: { own: { accuracy: own } } }];
      return { id: `t/${recipe}/${seed}`, task: "t", recipe, seed, audits } as unknown as CellResult;
    }),
  );
}

const additive: Truth = (levels) =>
  0.25 +
  (levels.head === "linear" ? 0.4 : 0) +
  (levels.space === "standardised" ? 0.1 : 0) -
  (levels.weight === "1" ? 0.05 : 0);

describe("factor effects", () => {
  test("what was planted is recovered, and seeds shift nothing", () => {
    const noise = random(7, "noise");
    const cells = cellsOf(
      half,
      (levels, seed) => additive(levels, seed) + 0.07 * seed + 0.01 * noise.normal(),
      3,
    );
    const found = factorEffects(cells, half, "own")!;
    const effect = Object.fromEntries(found.effects.map((each) => [each.factor, each]));
    for (const [factor, truth] of [
      ["head", 0.4],
      ["space", 0.1],
      ["slots", 0],
      ["weight", -0.05],
    ] as const) {
      const { effect: value, interval } = effect[factor]!;
      expect(Math.abs(value! - truth), factor).toBeLessThan(0.015);
      expect(interval![0], factor).toBeLessThan(truth);
      expect(interval![1], factor).toBeGreaterThan(truth);
    }
    expect(effect.head!.holmP!).toBeLessThan(1e-6);
    expect(effect.slots!.holmP!).toBeGreaterThan(0.05);
    expect(found).toMatchObject({
      seeds: 3,
      degreesOfFreedom: 14,
      error: "between seeds, within runs, on these examples",
      aliases: [],
    });
  });

  test("an interaction of two factors does not leak into a main effect of this design", () => {
    const both: Truth = (levels) => (levels.head === "linear" && levels.slots === "own" ? 0.8 : 0.2);
    const found = factorEffects(cellsOf(half, both, 1), half, "own")!;
    const value = (name: string) => found.effects.find(({ factor }) => factor === name)!.effect!;
    expect(value("head")).toBeCloseTo(0.3, 10);
    expect(value("slots")).toBeCloseTo(0.3, 10);
    expect(value("space")).toBeCloseTo(0, 10);
    expect(value("weight")).toBeCloseTo(0, 10);
    // With one seed what the interaction leaves unexplained is the error, and nothing is claimed lightly.
    expect(found.error).toBe("what main effects leave unexplained, on these examples");
    expect(found.effects.every(({ interval }) => interval !== null)).toBe(true);
  });

  test("a design of resolution III says which interaction hides behind which effect", () => {
    const quarter: Design = {
      tasks: ["t"],
      factors: { a: ["0", "1"], b: ["0", "1"], c: ["0", "1"] },
      runs: {
        x: { a: "0", b: "0", c: "1" },
        y: { a: "1", b: "0", c: "0" },
        z: { a: "0", b: "1", c: "0" },
        w: { a: "1", b: "1", c: "1" },
      },
    };
    expect(aliasesOf(quarter)).toEqual([
      { factor: "a", interaction: "b × c", correlation: 1 },
      { factor: "b", interaction: "a × c", correlation: 1 },
      { factor: "c", interaction: "a × b", correlation: 1 },
    ]);
    expect(aliasesOf(half)).toEqual([]);
    // As many effects as runs: an estimate, but nothing to tell its error from.
    const found = factorEffects(
      cellsOf(quarter, ({ a }) => Number(a), 1),
      quarter,
      "own",
    )!;
    expect(found.effects[0]).toMatchObject({ effect: 1, interval: null, p: null });
    expect(found.effects[0]!.reason).toContain("more seeds are needed");
  });

  test("three levels are two effects from the first; factors that never vary apart are not told apart", () => {
    const three: Design = {
      tasks: ["t"],
      factors: { head: ["none", "linear", "mlp"] },
      runs: { a: { head: "none" }, b: { head: "linear" }, c: { head: "mlp" } },
    };
    const truth: Truth = ({ head }) => ({ none: 0.2, linear: 0.6, mlp: 0.7 })[head!]!;
    const found = factorEffects(cellsOf(three, truth, 1), three, "own")!;
    expect(found.effects.map(({ to, effect }) => [to, effect!.toFixed(3)])).toEqual([
      ["linear", "0.400"],
      ["mlp", "0.500"],
    ]);
    const tied: Design = {
      tasks: ["t"],
      factors: { a: ["0", "1"], b: ["0", "1"] },
      runs: { x: { a: "0", b: "0" }, y: { a: "1", b: "1" } },
    };
    expect(
      factorEffects(
        cellsOf(tied, ({ a }) => Number(a), 2),
        tied,
        "own",
      )!.effects[0],
    ).toMatchObject({
      effect: null,
      reason: "the runs of the design do not tell the factors apart",
    });
  });

  test("without a run of the design there is no table", () => {
    expect(factorEffects(cellsOf(half, additive, 2).slice(1), half, "own")).toBeNull();
    expect(factorEffects(cellsOf(half, additive, 1), half, "oracle")).toBeNull();
  });
});
