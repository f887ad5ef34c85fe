import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Matrix, matrix, selectRows, symmetricEigenvalues } from "../../numeric/index.ts";
import { random } from "../../util/index.ts";
import {
  counterfactualFollowing,
  measureCloud,
  measurements,
  measurePair,
  optionDivergence,
  pairwiseCosine,
  type Retrieval,
  retrieval,
  usp,
} from "./index.ts";

interface Case extends Record<string, unknown> {
  name: string;
  n: number;
  d: number;
  own: number[];
  oracle: number[];
  retrieval: Retrieval;
}
const golden = JSON.parse(
  readFileSync(new URL("../../../test/goldens/measurements/measurements.json", import.meta.url), "utf8"),
) as {
  cases: Case[];
  options: { reference: number[][]; other: number[][]; kl: number; totalVariation: number };
  eigenvalues: { matrix: number[]; values: number[] };
};

const near = (got: number | null | undefined, expected: number, label: string): void => {
  expect(got, label).not.toBeNull();
  expect(Math.abs(got! - expected) / Math.max(1, Math.abs(expected)), `${label}: ${got}`).toBeLessThan(1e-9);
};

function gaussian(n: number, d: number, name: string): Matrix {
  const source = random(9, name);
  return matrix(
    Float32Array.from({ length: n * d }, () => source.normal()),
    n,
    d,
  );
}

describe("against numpy", () => {
  for (const { name, n, d, own, oracle, retrieval: expected, ...rest } of golden.cases)
    test(name, () => {
      const x = matrix(Float32Array.from(own), n, d);
      const v = matrix(Float32Array.from(oracle), n, d);
      for (const [key, value] of Object.entries({ ...measureCloud(x).values, ...measurePair(x, v).values }))
        near(value, rest[key] as number, key);
      const found = retrieval(x, v).value!;
      for (const key of Object.keys(expected) as (keyof Retrieval)[]) near(found[key], expected[key]!, key);
    });
  test("option divergence and eigenvalues", () => {
    const { reference, other, kl, totalVariation } = golden.options;
    const got = optionDivergence(reference, other).value!;
    near(got.kl, kl, "kl");
    near(got.totalVariation, totalVariation, "total variation");
    const size = golden.eigenvalues.values.length;
    symmetricEigenvalues(Float64Array.from(golden.eigenvalues.matrix), size).forEach((value, i) => {
      near(value, golden.eigenvalues.values[i]!, `eigenvalue ${i}`);
    });
  });
});

describe("what the measurements must mean", () => {
  test("own latents that are their oracles: perfect in every respect", () => {
    const v = gaussian(60, 12, "perfect");
    const { values } = measurePair(v, v);
    expect([values.cosine, values.mse, values.r2]).toEqual([expect.closeTo(1, 12), 0, 1]);
    expect(values.cka).toBeCloseTo(1, 12);
    expect(values.usp).toBe(0);
    expect(retrieval(v, v).value).toMatchObject({ r1: 1, meanRank: 1, mrr: 1, gallery: 60, queries: 60 });
  });
  test("collapsed own latents: cosine 1, USP near 1, retrieval at chance", () => {
    const oracle = gaussian(200, 16, "oracle");
    const noise = gaussian(200, 16, "noise");
    const own = matrix(
      noise.values.map((value, i) => 5 + (i % 16) + value * 0.1),
      200,
      16,
    );
    expect(pairwiseCosine(own).value).toBeGreaterThan(0.999);
    expect(usp(own, oracle).value).toBeGreaterThan(0.99);
    expect(retrieval(own, oracle).value!.r1).toBeLessThan(0.03);
  });
  test("oracles of equal content are one entry, and finding the content is finding it", () => {
    const oracle = matrix([1, 0, 1, 0, 0, 1, 1, 1], 4, 2);
    expect(retrieval(oracle, oracle).value).toMatchObject({ r1: 1, gallery: 3, queries: 4, r5: null });
  });
  test("a gallery smaller than the split: so many oracles, their examples as queries, whatever the row order", () => {
    const oracle = gaussian(50, 8, "oracle");
    const own = gaussian(50, 8, "own");
    const found = retrieval(own, oracle, { gallery: 20, seed: 1 }).value!;
    expect(found).toMatchObject({ gallery: 20, queries: 20 });
    const order = random(4, "order").shuffled(Array.from({ length: 50 }, (_, i) => i));
    const again = retrieval(selectRows(own, order), selectRows(oracle, order), { gallery: 20, seed: 1 })
      .value!;
    expect(again.r1).toBe(found.r1);
    expect(again.meanRank).toBeCloseTo(found.meanRank, 12);
    expect(retrieval(own, oracle, { gallery: 20, seed: 2 }).value).not.toEqual(found);
  });
  test("effective rank counts directions; wide and tall matrices agree", () => {
    const d = 40;
    const basis = gaussian(3, d, "basis");
    const weights = gaussian(100, 3, "weights");
    const values = new Float64Array(100 * d);
    for (let i = 0; i < 100; i++)
      for (let k = 0; k < 3; k++)
        for (let j = 0; j < d; j++)
          values[i * d + j]! += weights.values[i * 3 + k]! * basis.values[k * d + j]!;
    const tall = measureCloud(matrix(values, 100, d)).values;
    expect(tall.effectiveRank).toBeGreaterThan(2.5);
    expect(tall.effectiveRank).toBeLessThanOrEqual(3 + 1e-9);
    const wide = measureCloud(matrix(values.slice(0, 20 * d), 20, d)).values;
    expect(wide.effectiveRank).toBeLessThanOrEqual(3 + 1e-9);
  });
});

describe("matrices that lack rank", () => {
  test("few different rows, many times over: as many directions as there are", () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      Array.from({ length: 64 }, (_, j) =>
        j >= 32 && j < 35 ? (i % 4 === 3 || i % 4 === j - 32 ? 4.6 : -4.6) : 0,
      ),
    );
    const x = matrix(rows.flat(), 60, 64);
    expect(measureCloud(x).values.effectiveRank).toBeCloseTo(3, 6);
  });
});

describe("what cannot be computed is null with a reason", () => {
  const cases: [string, Matrix, RegExp][] = [
    ["one vector", matrix([1, 2], 1, 2), /1 vector/],
    ["NaN", matrix([1, Number.NaN, 1, 2], 2, 2), /not finite/],
    ["no vector", matrix([], 0, 2), /0 vectors/],
  ];
  for (const [name, x, expected] of cases)
    test(name, () => {
      const oracle = matrix(new Float64Array(x.n * x.d).fill(1), x.n, x.d);
      for (const { values, reasons } of [measureCloud(x), measurePair(x, oracle), measurePair(oracle, x)])
        for (const [key, value] of Object.entries(values)) {
          expect(value, key).toBeNull();
          expect(reasons[key], key).toMatch(expected);
        }
      expect(retrieval(x, oracle).reason).toMatch(expected);
    });
  test("equal vectors and zero vectors", () => {
    const equal = matrix(new Float32Array(30).fill(0.1), 10, 3);
    const cloud = measureCloud(equal);
    expect(cloud.values.pairwiseCosine).toBeCloseTo(1, 12);
    for (const key of ["centeredPairwiseCosine", "effectiveRank", "participationRatio"] as const)
      expect(cloud.reasons[key]).toMatch(/equal/);
    const zero = matrix([0, 0, 1, 1], 2, 2);
    expect(pairwiseCosine(zero).reason).toBe("1 of 2 vectors has no direction");
    expect(measurePair(zero, zero).reasons.cosine).toMatch(/zero vector/);
    const some = gaussian(10, 3, "some");
    expect(measurePair(some, equal).reasons).toMatchObject({ r2: /equal/, cka: /equal/, usp: /equal/ });
    expect(retrieval(some, equal).reason).toMatch(/1 different oracle/);
    expect(measurePair(some, gaussian(9, 3, "fewer")).reasons.mse).toMatch(/10 vectors against 9/);
  });
  test("option distributions and counterfactuals", () => {
    expect(optionDivergence([null, [0]], [[0], null]).reason).toMatch(/no pair/);
    expect(optionDivergence([[Math.log(0.5), Math.log(0.5)]], [[0, -Infinity]]).reason).toMatch(
      /no probability/,
    );
    expect(counterfactualFollowing([{ choice: 1, target: 1, options: 4 }]).reason).toMatch(/1 example/);
  });
});

test("counterfactual following is tested against chance", () => {
  const answers = Array.from({ length: 100 }, (_, i) => ({ choice: i % 4, target: 0, options: 4 }));
  const { value } = counterfactualFollowing(answers);
  expect(value).toMatchObject({ rate: 0.25, chance: 0.25, n: 100, followed: 25 });
  expect(value!.p).toBeGreaterThan(0.4);
  const silent = counterfactualFollowing(answers.map((answer) => ({ ...answer, choice: null })));
  expect(silent.value!.rate).toBe(0);
});

test("every measurement file is in the registry", async () => {
  const helpers = ["cells.ts", "groups.ts", "index.ts", "look-alike.ts", "matrix.ts"];
  const files = readdirSync(new URL(".", import.meta.url)).filter(
    (file) => !file.endsWith(".test.ts") && !helpers.includes(file),
  );
  const registered = new Set(Object.values(measurements).map(({ compute }) => compute as unknown));
  for (const file of files) {
    const exports = Object.values((await import(new URL(file, import.meta.url).href)) as object);
    expect(
      exports.some((item) => registered.has(item)),
      file,
    ).toBe(true);
  }
});
