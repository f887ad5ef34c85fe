/** Shared by the tests of src/statistics: the values that SciPy and mpmath computed. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";

interface Golden {
  normal: { cdf: number[][]; logCdfOnly: number[][]; quantile: number[][] };
  gamma: { logGamma: number[][]; upper: number[][] };
  beta: number[][];
  binomial: {
    logPmf: number[][];
    tests: { k: number; n: number; p0: number; greater: number; less: number; "two-sided": number }[];
  };
  mcnemar: number[][];
  wilson: number[][];
  tango: { counts: number[]; alpha: number; interval: number[] }[];
  tost: { counts: number[]; margin: number; p: number; logP: number }[];
  holm: [number[], number[]][];
  chiSquare: { counts: number[]; expected: number[] | null; statistic: number; p: number }[];
  bootstrap: {
    replicates: number[];
    observed: number;
    jackknife: number[];
    bca: number[];
    percentile: number[];
  };
  /** successes, n, alpha, low, high */
  midP: number[][];
  student: { cdf: number[][]; quantile: number[][] };
  /** b, c, n, margin, rate of the first kind, log probability; and b, c, n, margin, largest probability on a fine grid. */
  unconditional: { tails: number[][]; suprema: number[][] };
  clustered: {
    values: number[];
    clusters: string[];
    mean: number;
    error: number;
    interval: number[];
    designEffect: number;
  }[];
  power: { n: number; p10: number; p01: number; margin?: number; tost?: number; mcnemar?: number }[];
}

export const golden = JSON.parse(
  readFileSync(new URL("../goldens/statistics/statistics.json", import.meta.url), "utf8"),
) as Golden;

/** Relative agreement to 1e-10; absolute to 1e-14 where the expected value is itself nearly 0. */
export function agrees(got: number | null | undefined, expected: number, label: string): void {
  expect(typeof got, label).toBe("number");
  const off = Math.abs(got! - expected);
  expect(
    off <= Math.max(1e-10 * Math.abs(expected), expected === 0 ? 1e-14 : 0),
    `${label}: ${got} vs ${expected}`,
  ).toBe(true);
}
