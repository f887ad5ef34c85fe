import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
import { LintelError } from "../util/index.ts";
import { logNormalCdf } from "./distributions/normal.ts";
import { equivalence } from "./equivalence.ts";
import { type PairedCounts, pairedDifference, scoreStatistic, tangoStatistic } from "./paired.ts";
import { proportionInterval } from "./proportion.ts";
import { logUnconditionalP, logUnconditionalTail } from "./unconditional.ts";
import { wilson } from "./wilson.ts";

type Six = [number, number, number, number, number, number];

const table = ([n11, n10, n01, n00]: number[]): PairedCounts => ({
  n11: n11!,
  n10: n10!,
  n01: n01!,
  n00: n00!,
});
const count = fc.integer({ min: 0, max: 300 });
const anyTable = fc
  .record({ n11: count, n10: count, n01: count, n00: count })
  .filter((counts) => counts.n11 + counts.n10 + counts.n01 + counts.n00 >= 2);

describe("Wilson", () => {
  test("agrees with SciPy to 1e-10", () => {
    for (const [k, n, alpha, low, high] of golden.wilson as [number, number, number, number, number][]) {
      const got = wilson(k, n, alpha).value!;
      agrees(got[0], low, `low of ${k}/${n}`);
      agrees(got[1], high, `high of ${k}/${n}`);
    }
  });
  test("fewer than two examples give null with a reason; impossible counts are refused", () => {
    expect(wilson(0, 0)).toEqual({ value: null, reason: "0 examples; an interval needs at least 2" });
    expect(wilson(1, 1).reason).toContain("1 example;");
    expect(() => wilson(3, 2)).toThrow(LintelError);
  });
});

describe("mid-p", () => {
  test("agrees with mpmath to 1e-10, also for fractional counts", () => {
    for (const [k, n, alpha, low, high] of golden.midP as [number, number, number, number, number][]) {
      const got = proportionInterval(k, n, alpha).value!;
      agrees(got[0], low, `low of ${k}/${n}`);
      agrees(got[1], high, `high of ${k}/${n}`);
    }
  });
  test("has a width, holds its rate and mirrors; null with a reason below two examples", () => {
    for (const [k, n] of [
      [0, 2],
      [2, 2],
      [0, 5000],
      [7, 31],
    ] as const) {
      const [low, high] = proportionInterval(k, n).value!;
      expect(high).toBeGreaterThan(low);
      expect(low <= k / n && k / n <= high).toBe(true);
      expect(proportionInterval(n - k, n).value![1]).toBeCloseTo(1 - low, 13);
    }
    expect(proportionInterval(1, 1).reason).toContain("1 example;");
    expect(() => proportionInterval(3, 2)).toThrow(LintelError);
  });
});

describe("Tango", () => {
  test("agrees with the formula in 60 digits to 1e-10", () => {
    for (const { counts, alpha, interval } of golden.tango) {
      const got = pairedDifference(table(counts), alpha).value!;
      agrees(got.interval[0], interval[0]!, `low of ${counts}`);
      agrees(got.interval[1], interval[1]!, `high of ${counts}`);
    }
  });
  test("published values: Bentur et al. 2009 and Cavo et al. 2012, from Fagerland, Lydersen & Laake 2014", () => {
    const bentur = pairedDifference(table([1, 1, 7, 12])).value!;
    expect(bentur.interval.map((limit) => limit.toFixed(3))).toEqual(["-0.517", "-0.026"]);
    const cavo = pairedDifference(table([59, 6, 16, 80])).value!;
    expect([cavo.difference, ...cavo.interval].map((x) => x.toFixed(4))).toEqual([
      "-0.0621",
      "-0.1240",
      "-0.0054",
    ]);
  });
  test("has a width, holds its difference, stays in [−1, 1] and mirrors when the conditions swap", () => {
    fc.assert(
      fc.property(anyTable, (counts) => {
        const { difference, interval } = pairedDifference(counts).value!;
        expect(interval[1] - interval[0]).toBeGreaterThan(0);
        expect(
          interval[0] >= -1 && interval[0] <= difference && difference <= interval[1] && interval[1] <= 1,
        ).toBe(true);
        const swapped = pairedDifference({ ...counts, n10: counts.n01, n01: counts.n10 }).value!;
        expect(swapped.interval[0]).toBeCloseTo(-interval[1], 10);
        expect(swapped.interval[1]).toBeCloseTo(-interval[0], 10);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
  test("at delta = 0 the statistic is McNemar's", () => {
    expect(tangoStatistic(table([59, 6, 16, 80]), 0)).toBeCloseTo(-10 / Math.sqrt(22), 12);
    expect(tangoStatistic(table([5, 0, 0, 5]), 0)).toBe(0);
  });
  test("fewer than two pairs give null with a reason; counts that are no counts are refused", () => {
    expect(pairedDifference(table([1, 0, 0, 0])).reason).toContain("1 pair;");
    expect(() => pairedDifference(table([0.5, 1, 1, 1]))).toThrow(LintelError);
  });
});

describe("equivalence", () => {
  test("the normal p of the score statistic agrees with the formula in 60 digits to 1e-10", () => {
    for (const { counts, margin, logP } of golden.tost) {
      const [, b, c] = counts as [number, number, number, number];
      const n = counts.reduce((sum, x) => sum + x, 0);
      const z = scoreStatistic(Math.min(b, c), Math.max(b, c), n, -margin);
      if (logP < -0.7) agrees(logNormalCdf(-z), logP, `log TOST of ${counts} at ${margin}`);
    }
  });
  test("exact tail probabilities agree with sums over every table in 30 digits to 1e-10", () => {
    for (const [b, c, n, margin, first, logP] of golden.unconditional.tails as Six[])
      agrees(logUnconditionalTail({ b, c, n }, margin, first), logP, `tail of ${b}, ${c} of ${n}`);
  });
  test("the p-value is their largest: never below a grid of 1,501 rates, and hardly above", () => {
    for (const [b, c, n, margin, best] of golden.unconditional.suprema as Six[]) {
      const p = Math.exp(logUnconditionalP(b, c, n, margin));
      expect(p / best, `${b}, ${c} of ${n}`).toBeGreaterThan(1 - 1e-9);
      expect(p / best, `${b}, ${c} of ${n}`).toBeLessThan(1 + 1e-4);
    }
  });
  test("the statistic rises in b and falls in c, on which the exact test rests", () => {
    for (const [n, margin] of [
      [30, 0.02],
      [61, 0.1],
      [25, 0.4],
    ] as const)
      for (let b = 0; b < n; b++)
        for (let c = 0; b + c < n; c++) {
          const here = scoreStatistic(b, c, n, -margin);
          expect(scoreStatistic(b + 1, c, n, -margin)).toBeGreaterThanOrEqual(here - 1e-9);
          expect(scoreStatistic(b, c + 1, n, -margin)).toBeLessThanOrEqual(here + 1e-9);
        }
  });
  test("p is close to the normal one where many pairs are discordant, and symmetric in the conditions", () => {
    for (const [b, c] of [
      [60, 70],
      [150, 150],
    ] as const) {
      const counts = table([1000 - b - c, b, c, 0]);
      const { p } = equivalence(counts, 0.05).value!;
      expect(equivalence(table([1000 - b - c, c, b, 0]), 0.05).value!.p).toBe(p);
      const normal = Math.exp(logNormalCdf(-scoreStatistic(b, c, 1000, -0.05)));
      expect(Math.abs(Math.log(p / normal))).toBeLessThan(0.35);
    }
  });
  test("far tails keep their logarithm", () => {
    const { p, logP } = equivalence(table([90_000, 5, 5, 0]), 0.3).value!;
    expect(p).toBe(Number.MIN_VALUE);
    expect(logP).toBeLessThan(-10_000);
  });
  test("no discordant pair is no proof: two points need 149 pairs, as 0.98^149 < 0.05", () => {
    expect(equivalence(table([148, 0, 0, 0]), 0.02).value!.equivalent).toBe(false);
    const { equivalent, p } = equivalence(table([149, 0, 0, 0]), 0.02).value!;
    expect(equivalent).toBe(true);
    expect(p).toBeCloseTo(0.98 ** 149, 12);
  });
  test("null with a reason below two pairs; a margin in percent is refused", () => {
    expect(equivalence(table([0, 0, 1, 0])).value).toBeNull();
    expect(() => equivalence(table([5, 5, 5, 5]), 2)).toThrow(/0.02 is two points/);
  });
});
