import { describe, expect, test } from "vitest";
import { betaBinomialInterval, betaBinomialLogLikelihood } from "./distributions/beta-binomial.ts";
import { clusterDegreesOfFreedom, clusterWorth } from "./few-clusters.ts";
import { seedAccuracy, seedDifference, seedMean, seedRatio } from "./seeds.ts";

/** The first so many of n examples right, in every seed. */
const rows = (n: number, ...right: number[]) => ({
  totals: right.map((k) => Array.from({ length: n }, (_, i) => Number(i < k))),
  sizes: Array(n).fill(1) as number[],
  same: true,
});

describe("over seeds", () => {
  test("where examples are not shared it is Student's t on the seeds' means", () => {
    const { mean, half, bySeeds, byExamples } = seedMean({
      totals: [[50], [60], [70]],
      sizes: [100],
      same: false,
    });
    expect(mean).toBeCloseTo(0.6, 12);
    expect(bySeeds).toBeCloseTo(0.01 / 3, 12);
    expect(byExamples).toBe(0);
    // t(0.975; 2) = 4.302653
    expect(half).toBeCloseTo(4.302653 * Math.sqrt(0.01 / 3), 6);
  });
  test("examples that all seeds answer alike widen it, however alike the seeds are", () => {
    const alike = rows(100, 60, 61, 60);
    const { byExamples } = seedMean(alike);
    // Nearly all of the binomial variance of 100 examples is shared.
    expect(byExamples).toBeGreaterThan(0.9 * ((0.6 * 0.4) / 100));
    const [low, high] = seedAccuracy(alike).value!;
    expect(high - low).toBeGreaterThan(0.18);
    const [l, h] = seedAccuracy({ ...alike, same: false }).value!;
    expect(h - l).toBeLessThan(0.05);
  });
  test("near 1 it allows for seeds that fail and were not seen, and stays below 1", () => {
    const [low, high] = seedAccuracy(rows(300, 299, 300, 297)).value!;
    expect(low).toBeLessThan(0.95);
    expect(high).toBeLessThanOrEqual(1);
    const [all] = seedAccuracy(rows(300, 300, 300, 300)).value!;
    expect(all).toBeLessThan(0.9);
  });
  test("one seed, equal differences and a denominator of nothing are refused with a reason", () => {
    expect(seedAccuracy(rows(10, 5)).reason).toContain("1 seed;");
    expect(seedDifference(rows(10, 5, 6), rows(10, 3, 4)).reason).toContain("same difference");
    expect(seedRatio(rows(10, 5, 6, 7), rows(10, 1, 0, 1)).reason).toContain("not shown to differ from 0");
  });
  test("a ratio's interval holds it, and a certain denominator makes it the numerator's", () => {
    const [low, high] = seedRatio(rows(200, 100, 110, 120), rows(200, 200, 200, 200)).value!;
    const { mean, half } = seedMean(rows(200, 100, 110, 120));
    expect(low).toBeCloseTo(mean - half, 6);
    expect(high).toBeCloseTo(mean + half, 6);
  });
  test("the beta-binomial law: known values, and the binomial one at no correlation", () => {
    // Uniform rates (a = b = 1, correlation 1/3): every count of 3 is as likely; up to the binomial coefficient.
    expect(Math.exp(betaBinomialLogLikelihood([{ right: 1, n: 3 }], 0.5, 1 / 3)) * 3).toBeCloseTo(0.25, 10);
    const runs = [{ right: 3, n: 10 }];
    expect(betaBinomialLogLikelihood(runs, 0.3, 1e-7)).toBeCloseTo(
      betaBinomialLogLikelihood(runs, 0.3, 0),
      4,
    );
    const [low, high] = betaBinomialInterval([0, 1, 2].map((k) => ({ right: 40 + k, n: 100 })));
    expect(low).toBeLessThan(0.4);
    expect(high).toBeGreaterThan(0.42);
  });
});

describe("few clusters", () => {
  test("equal clusters have G − 1 degrees of freedom; one large one leaves about one", () => {
    expect(clusterDegreesOfFreedom([5, 5, 5, 5, 5], 0)).toBeCloseTo(4, 10);
    expect(clusterDegreesOfFreedom([5, 5, 5, 5, 5], 0.5)).toBeCloseTo(4, 10);
    expect(clusterDegreesOfFreedom([100, ...Array<number>(29).fill(3)], 0.3)).toBeLessThan(2);
  });
  test("degrees of freedom agree with the matrices written out", () => {
    const sizes = [7, 3, 2, 1];
    const n = 13;
    const rho = 0.2;
    const v = sizes.map((m) => m * (1 + (m - 1) * rho));
    const total = v.reduce((a, b) => a + b);
    const h = sizes.map((m) => m / n);
    const a = sizes.map((_, i) =>
      sizes.map(
        (_, j) =>
          ((i === j ? v[i]! : 0) - h[i]! * v[j]! - v[i]! * h[j]! + h[i]! * h[j]! * total) / (1 - h[i]!),
      ),
    );
    const trace = a.reduce((sum, row, i) => sum + row[i]!, 0);
    const square = a.reduce((sum, row, i) => sum + row.reduce((part, x, j) => part + x * a[j]![i]!, 0), 0);
    expect(clusterDegreesOfFreedom(sizes, rho)).toBeCloseTo(trace ** 2 / square, 10);
  });
  test("what cannot hold is refused: two clusters, or one that outweighs the rest", () => {
    expect(clusterWorth([1, 0, 1, 0], [..."aabb"]).reason).toContain("needs at least 3");
    const ids = [...Array<string>(100).fill("big"), ..."bcdefg"];
    expect(
      clusterWorth(
        ids.map((_, i) => i % 2),
        ids,
      ).reason,
    ).toContain("7 clusters, worth 1.1 equal ones");
  });
});
