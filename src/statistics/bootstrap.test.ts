import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
import { LintelError } from "../util/index.ts";
import {
  bcaInterval,
  bootstrap,
  bootstrapOfMeans,
  hierarchicalBootstrap,
  percentileInterval,
} from "./bootstrap.ts";

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("bootstrap", () => {
  test("percentile and BCa limits agree with numpy and SciPy to 1e-10, given the replicates", () => {
    const { replicates, observed, jackknife, bca, percentile } = golden.bootstrap;
    percentileInterval(replicates).forEach((limit, i) => {
      agrees(limit, percentile[i]!, "percentile");
    });
    bcaInterval(replicates, observed, jackknife).value!.forEach((limit, i) => {
      agrees(limit, bca[i]!, "BCa");
    });
  });
  test("is the same bit for bit with the same seed, and another with another", () => {
    const data = Array.from({ length: 50 }, (_, i) => (i * 37) % 11);
    const once = bootstrap(data, mean, { seed: 5 });
    expect(bootstrap(data, mean, { seed: 5 })).toEqual(once);
    expect(bootstrap(data, mean, { seed: 6 })).not.toEqual(once);
    expect(once.value![0]).toBeLessThan(mean(data));
    expect(once.value![1]).toBeGreaterThan(mean(data));
  });
  test("matches the normal interval of a mean where that is right", () => {
    const data = Array.from({ length: 400 }, (_, i) => Number(i % 4 === 0));
    const [low, high] = bootstrap(data, mean, { seed: 1, replicates: 4000 }).value!;
    const error = Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeCloseTo(0.25 - 1.96 * error, 2);
    expect(high).toBeCloseTo(0.25 + 1.96 * error, 2);
  });
  test("never answers with a zero width or with NaN", () => {
    expect(bootstrap([1], mean, { seed: 0 }).reason).toContain("1 examples");
    expect(bootstrap([1, 1, 1], mean, { seed: 0 }).reason).toContain("every bootstrap replicate is equal");
    expect(bootstrap([1, Number.NaN], mean, { seed: 0 }).reason).toContain("not finite");
    expect(bcaInterval([1, 2], 0, [1, 2]).value).toBeNull();
    expect(bcaInterval([1, 2], 1.5, [1, 1]).value).toBeNull();
    expect(() => bootstrap([1, 2], mean, { seed: 0, replicates: 3 })).toThrow(LintelError);
  });
});

test("the bootstrap of means is that of any statistic, bit for bit", () => {
  const rows = Array.from({ length: 40 }, (_, i) => [(i * 7) % 11, (i * i) % 5]);
  const meanOf = (sample: readonly (readonly number[])[], j: number) =>
    sample.reduce((sum, row) => sum + row[j]!, 0) / sample.length;
  const columns = [0, 1].map((j) => rows.map((row) => row[j]!));
  const [difference, ratio] = bootstrapOfMeans(columns, [([a, b]) => a! - b!, ([a, b]) => a! / (1 + b!)], {
    seed: 3,
  });
  expect(difference).toEqual(bootstrap(rows, (s) => meanOf(s, 0) - meanOf(s, 1), { seed: 3 }));
  expect(ratio).toEqual(bootstrap(rows, (s) => meanOf(s, 0) / (1 + meanOf(s, 1)), { seed: 3 }));
  // Of many examples samples are not kept.
  const many = Array.from({ length: 9000 }, (_, i) => i % 3);
  expect(bootstrapOfMeans([many], [([a]) => a!], { seed: 1 })[0]).toEqual(bootstrap(many, mean, { seed: 1 }));
  expect(bootstrapOfMeans([[1, 1, 1]], [([a]) => a!], { seed: 3 })[0]!.reason).toMatch(/replicate is equal/);
  expect(bootstrapOfMeans([[1]], [([a]) => a!], { seed: 3 })[0]!.reason).toMatch(/at least 2/);
});

describe("hierarchical bootstrap", () => {
  const statistic = (seeds: readonly (readonly number[])[]): number => mean(seeds.map(mean));
  test("is wider than a bootstrap of pooled examples when seeds differ, and not when they do not", () => {
    const seedOf = (rate: number): number[] => Array.from({ length: 100 }, (_, i) => Number(i < rate * 100));
    const width = (groups: number[][]): number => {
      const [low, high] = hierarchicalBootstrap(groups, statistic, { seed: 0 }).value!;
      return high - low;
    };
    const pooled = (groups: number[][]): number => {
      const [low, high] = bootstrap(groups.flat(), mean, { seed: 0 }).value!;
      return high - low;
    };
    const differing = [0.1, 0.3, 0.5, 0.7, 0.9].map(seedOf);
    expect(width(differing)).toBeGreaterThan(3 * pooled(differing));
    const alike = [0.5, 0.5, 0.5, 0.5, 0.5].map(seedOf);
    expect(width(alike)).toBeLessThan(1.3 * pooled(alike));
  });
  test("needs two seeds with examples", () => {
    expect(hierarchicalBootstrap([[0, 1]], statistic, { seed: 0 }).reason).toContain("1 seed");
    expect(hierarchicalBootstrap([[0, 1], []], statistic, { seed: 0 }).reason).toContain("without examples");
  });
});
