import { describe, expect, it } from "vitest";
import { blockRules } from "../../families/index.ts";
import type { Example, Picture } from "../../tasks/index.ts";
import { type LintelError, random } from "../../util/index.ts";
import { splitStatistics } from "../split-statistics.ts";
import { interventionNames, interventions } from "./registry.ts";
import { interventionOf, withValues } from "./resolve.ts";
import { type Intervention, type PlanContext, randomCrop } from "./types.ts";

const [K, D] = [3, 2];
const block = (start: number) => Float32Array.from({ length: K * D }, (_, i) => start + i);
const example: Example = {
  id: "1",
  question: "",
  images: [],
  options: ["a", "b", "c"],
  answer: 0,
  helpers: [],
  counterfactuals: [],
  attributes: {},
};
const split = {
  ...splitStatistics(
    [[block(0)], [block(10)], []],
    [[block(100)], [block(300)], []],
    0,
    ["a", "b", "a"].map((option) => ({ option, words: option })),
    D,
  ),
  // Example 1 asks the same as example 0, and stands for one that asks something else as well.
  donors: () => ({
    same: [1, 0, null],
    matched: [1, 0, null],
    base: [[block(5)], [block(5)], []],
    spread: [[], [], []],
  }),
};

const context = (name: string, change: Partial<PlanContext> = {}, seed = 0): PlanContext => ({
  example,
  index: 0,
  k: K,
  width: D,
  rules: blockRules({ startId: 1, padId: 2, endId: 3, k: K }),
  random: random(seed, name.replace(/\(.*/, ""), example.id),
  randomOf: (other) => random(seed, other, example.id),
  own: [block(0), block(20)],
  oracle: [block(100)],
  oracleOf: (k) => [block(100).subarray(0, k * D)],
  counterfactual: [null, [block(200)], [block(220)]],
  split,
  crop: block(400),
  pad: Float32Array.of(7, 8),
  filler: Float32Array.of(5, 6),
  searched: new Map([
    ["adversarial(0.3)", [block(500)]],
    ["optimized(1)", [block(600)]],
    ["optimized-noise(1)", [block(700)]],
  ]),
  ...change,
});
/** The names as one writes them: with a value for each parameter. */
const written = interventionNames.map((name) => {
  const { parameters = {} } = interventions[name] as Intervention;
  return withValues(name, Object.fromEntries(Object.entries(parameters).map(([key, p]) => [key, p.example])))
    .name;
});
const plan = (name: string, change?: Partial<PlanContext>, seed?: number) =>
  interventionOf(name).plan(context(name, change, seed));
/** The given blocks as plain numbers. */
const blocks = (name: string, change?: Partial<PlanContext>, seed?: number): number[][] => {
  const planned = plan(name, change, seed)!.plan;
  if (planned.kind !== "fixed") throw new Error(planned.kind);
  return planned.blocks.map((z) => [...z]);
};

describe("every intervention", () => {
  it.each(written)("%s is described, sourced, and plans blocks of K·D alike for equal seeds", (name) => {
    expect(interventionOf(name).description).not.toBe("");
    expect(interventionOf(name).source).not.toBe("");
    const planned = plan(name)!;
    expect(planned).toEqual(plan(name));
    if (planned.plan.kind !== "fixed") return;
    expect(planned.plan.blocks.length).toBeGreaterThan(0);
    expect(planned.from).not.toBe("");
    for (const z of planned.plan.blocks) {
      expect(z).toBeInstanceOf(Float32Array);
      expect(z.length).toBe(name === "truncate(1)" ? D : K * D);
      expect(z.every(Number.isFinite)).toBe(true);
    }
  });

  it.each(written)("%s leaves the material as it was", (name) => {
    const given = context(name);
    const material = () => {
      const { donors, ...vectors } = given.split;
      return { own: given.own, oracle: given.oracle, split: vectors, donors: donors() };
    };
    const copy = structuredClone(material());
    interventionOf(name).plan(given);
    expect(material()).toEqual(copy);
  });

  it.each([
    ["oracle", { oracle: [] }],
    ["mean", { split: splitStatistics([[]], [[block(1)]], 0) }],
    ["noise-matched", { split: splitStatistics([[]], [[block(1)]], 0) }],
    ["mean-oracle", { split: splitStatistics([[block(1)]], [[]], 0) }],
    ["shuffle", { own: [] }],
    ["other-own", { index: 2 }],
    ["other-oracle", { index: 2 }],
    ["other-own", { index: 7 }],
    ["random-crop", { crop: null }],
    ["counterfactual", { counterfactual: [null, null, []] }],
  ] as const)("%s does not apply where its material is missing", (name, change) => {
    expect(plan(name, change)).toBeNull();
  });

  it.each(["noise", "noise-matched", "shuffle", "counterfactual"] as const)(
    "%s is drawn anew for another seed",
    (name) => {
      const drawn = Array.from({ length: 12 }, (_, seed) => JSON.stringify(blocks(name, {}, seed)));
      expect(new Set(drawn).size).toBeGreaterThan(1);
    },
  );
});

describe("what stands in the slots", () => {
  it("is what each says", () => {
    expect(plan("own")!.plan).toEqual({ kind: "own" });
    expect(plan("skip")!.plan).toEqual({ kind: "skip" });
    expect(plan("no-markers")!.plan).toEqual({ kind: "suppressed" });
    expect(blocks("zeros")).toEqual([Array<number>(K * D).fill(0)]);
    expect(blocks("oracle")).toEqual([[...block(100)]]);
    expect(blocks("oracle", { oracle: [block(1), block(2)] })).toEqual([[...block(1)], [...block(2)]]);
    expect(blocks("mean")).toEqual([[...block(5)]]);
    expect(blocks("mean-oracle")).toEqual([[...block(200)]]);
    expect(blocks("random-crop")).toEqual([[...block(400)]]);
    expect(blocks("other-own")).toEqual([[...block(10)]]);
    expect(blocks("other-own", { index: 1 })).toEqual([[...block(0)]]);
    expect(blocks("other-oracle")).toEqual([[...block(300)]]);
  });

  it("runs the loop for as many steps as are named, where its length is a count", () => {
    expect(plan("own-steps(7)")!.plan).toEqual({ kind: "own", steps: 7 });
    expect(plan("own-steps(0)")!.plan).toEqual({ kind: "skip" });
    const rules = blockRules({ startId: 1, padId: 2, endId: 3, k: K });
    const stop = { tensor: "end", distance: "mse", below: 0.1 } as const;
    for (const other of [{ bounded: false }, { stop }, { static: [9] }, { placeholders: true }])
      expect(plan("own-steps(7)", { rules: { ...rules, ...other } })).toBeNull();
    expect(plan("own-steps(7)", { own: [] })).toBeNull();
    // At most k, or fewer where the model ends it: a count all the same.
    expect(plan("own-steps(7)", { rules: { ...rules, allowSampledEnd: true } })).not.toBeNull();
  });

  it("matches words to the passes that the blocks take, markers included where they are fed", () => {
    const words = (change: Partial<PlanContext>) => plan("matched-text", change)!.plan;
    const rules = blockRules({ startId: 1, padId: 2, endId: 3, k: K });
    expect(words({})).toEqual({ kind: "suppressed", words: 2 * (K + 2) });
    expect(words({ own: [block(0)] })).toEqual({ kind: "suppressed", words: K + 2 });
    const monet = { ...rules, startUsesHidden: true, allowSampledEnd: true };
    expect(words({ own: [block(0)], rules: monet })).toEqual({ kind: "suppressed", words: K + 1 });
    const lvr = { ...rules, forceEnd: false };
    expect(words({ own: [block(0)], rules: lvr })).toEqual({ kind: "suppressed", words: K + 1 });
    expect(plan("matched-text", { own: [] })).toBeNull();
  });

  it("shuffles slots as wholes, the same way in every block", () => {
    const slots = (z: number[]) => Array.from({ length: K }, (_, j) => z.slice(j * D, (j + 1) * D));
    for (let seed = 0; seed < 5; seed++) {
      const [a, b] = blocks("shuffle", {}, seed).map(slots);
      const order = a!.map(([first]) => first! / D);
      expect([...order].sort()).toEqual([0, 1, 2]);
      expect(a).toEqual(order.map((from) => [...block(0).subarray(from * D, (from + 1) * D)]));
      expect(b).toEqual(order.map((from) => [...block(20).subarray(from * D, (from + 1) * D)]));
    }
  });

  it("stands for the option that the counterfactual names", () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const { target } = plan("counterfactual", {}, seed)!;
      seen.add(target!);
      expect(blocks("counterfactual", {}, seed)).toEqual([[...block(180 + 20 * target!)]]);
    }
    expect([...seen].sort()).toEqual([1, 2]);
  });

  it("is standard normal under noise, and has the split's moments under noise-matched", () => {
    const n = 20_000;
    const moments = (values: number[]) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return [mean, Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)];
    };
    const [mean, deviation] = moments(blocks("noise", { k: n, width: 1 })[0]!);
    expect(Math.abs(mean!)).toBeLessThan(0.03);
    expect(Math.abs(deviation! - 1)).toBeLessThan(0.03);
    const wide = (value: number) => new Float32Array(n).fill(value);
    const matched = { split: splitStatistics([[wide(3)], [wide(7)]], [], 0), k: n, width: 1 };
    const [mean2, deviation2] = moments(blocks("noise-matched", matched)[0]!);
    expect(Math.abs(mean2! - 5)).toBeLessThan(0.06);
    expect(Math.abs(deviation2! - 2)).toBeLessThan(0.06);
  });
});

describe("randomCrop", () => {
  /** Every pixel says where it is. */
  const picture: Picture = {
    width: 40,
    height: 20,
    pixels: Uint8Array.from({ length: 40 * 20 * 3 }, (_, i) => {
      const at = Math.floor(i / 3);
      return [at % 40, Math.floor(at / 40), 7][i % 3]!;
    }),
  };

  it("cuts a region of 20 to 60 % of each side out of the picture, anywhere", () => {
    const lefts = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const { width, height, pixels } = randomCrop(picture, random(seed, "crop"));
      expect(width).toBeGreaterThanOrEqual(8);
      expect(width).toBeLessThanOrEqual(24);
      expect(height).toBeGreaterThanOrEqual(4);
      expect(height).toBeLessThanOrEqual(12);
      const [left, top] = [pixels[0]!, pixels[1]!];
      lefts.add(left);
      for (let i = 0; i < width * height; i++) {
        expect([...pixels.subarray(3 * i, 3 * i + 3)]).toEqual([
          left + (i % width),
          top + Math.floor(i / width),
          7,
        ]);
      }
    }
    expect(lefts.size).toBeGreaterThan(20);
  });

  it("leaves at least one pixel", () => {
    const one = { width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) };
    expect(randomCrop(one, random(0, "crop"))).toEqual(one);
  });
});

describe("the registry", () => {
  it("names what is nearest to an unknown name", () => {
    const attempt = (name: string) => {
      try {
        interventionOf(name);
      } catch (error) {
        expect((error as LintelError).code).toBe("usage");
        return (error as LintelError).message;
      }
      throw new Error(`${name} is known`);
    };
    expect(attempt("zeroes")).toMatch(/zeros/);
    expect(attempt("noise_matched")).toMatch(/noise-matched/);
    expect(attempt("toString")).toMatch(/toString/);
    expect(attempt("orcale")).toMatch(/oracle/);
  });
});
