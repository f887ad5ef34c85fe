import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../../test/support/statistics-golden.ts";
import { LintelError } from "../../util/index.ts";
import { equivalence } from "./equivalence.ts";
import { type PairedCounts, pairedDifference, tangoStatistic } from "./paired.ts";
import { wilson } from "./wilson.ts";

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
  test("p agrees with the formula in 60 digits to 1e-10", () => {
    for (const { counts, margin, p, logP } of golden.tost) {
      const got = equivalence(table(counts), margin).value!;
      if (p > 1e-305) agrees(got.p, p, `TOST of ${counts} at ${margin}`);
      if (p < 0.5) agrees(got.logP, logP, `log TOST of ${counts} at ${margin}`);
      expect(got.p).toBeGreaterThan(0);
    }
  });
  test("equivalent exactly when the 90 % interval lies inside the margin", () => {
    fc.assert(
      fc.property(anyTable, fc.constantFrom(0.01, 0.02, 0.05, 0.1, 0.3), (counts, margin) => {
        const { equivalent, interval } = equivalence(counts, margin).value!;
        expect(equivalent).toBe(interval[0] > -margin && interval[1] < margin);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
  test("no discordant pair is no proof: 100 pairs do not reach two points, 140 do", () => {
    expect(equivalence(table([100, 0, 0, 0]), 0.02).value!.equivalent).toBe(false);
    expect(equivalence(table([140, 0, 0, 0]), 0.02).value!.equivalent).toBe(true);
  });
  test("null with a reason below two pairs; a margin in percent is refused", () => {
    expect(equivalence(table([0, 0, 1, 0])).value).toBeNull();
    expect(() => equivalence(table([5, 5, 5, 5]), 2)).toThrow(/0.02 is two points/);
  });
});
