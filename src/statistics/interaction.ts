/**
 * The interaction of two factors on paired outcomes, a difference in differences: (a − b) under one condition less (a − b)
 * under another, example by example. A value is from −2 to 2 where outcomes are 0 or 1.
 */
import { mean } from "../numeric/index.ts";
import { boundedMeanTest } from "./bounded-mean.ts";
import { normalCdf, normalQuantile } from "./distributions/normal.ts";
import { known, type Measured, unknown } from "./measured.ts";

/** No difference in differences of shares is larger. */
const MOST = 2;

export interface Interaction {
  /** Mean difference in differences. */
  difference: number;
  /** 95 % by default: every mean that the test does not reject. */
  interval: [number, number];
  /** Two-sided, of "no interaction". */
  p: number;
  n: number;
  /** Independent values: clusters, where images are shared. */
  independent: number;
  /** Of an independent value about its mean, in units of examples. */
  deviation: number;
}

interface Total {
  sum: number;
  size: number;
}

/** P-value of "the mean is below m", for sums of `size` examples each. */
function belowP(totals: readonly Total[], m: number, most: number): number {
  const groups = new Map<number, [value: number, count: number]>();
  for (const { sum, size } of totals) {
    const value = sum - m * size;
    const key = Math.round(value * 1e9);
    groups.set(key, [value, (groups.get(key)?.[1] ?? 0) + 1]);
  }
  const bound = (most - m) * Math.max(...totals.map(({ size }) => size));
  return bound <= 0 ? 0 : boundedMeanTest([...groups.values()], bound).p;
}

const negative = (totals: readonly Total[]): Total[] => totals.map(({ sum, size }) => ({ sum: -sum, size }));

/** The largest mean that "below" does not exclude at this level. */
function upperEnd(totals: readonly Total[], level: number, start: number, most: number): number {
  let [low, high] = [start, most];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (belowP(totals, middle, most) < level) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The interaction with interval and test. Nothing is assumed of how the four outcomes of an example depend on each other;
 * examples (or clusters of them) are independent. The test is Gaffke's in both directions, each at α/2.
 *
 * @param values - (a − b) − (c − d) of each example, from −2 to 2.
 * @param clusters - Of each value; null where each is one of its own.
 * @param most - The largest possible value, and the negative of the smallest: 1 for a plain paired difference.
 * @returns null with a reason for fewer than 2 independent values.
 *
 * Source: docs/published-families.md §19.3 (1); bounded-mean.ts for the test.
 *
 * @example
 * interaction([...Array(50).fill(1), ...Array(50).fill(0)], null).value.difference; // 0.5
 */
export function interaction(
  values: readonly number[],
  clusters: readonly string[] | null,
  alpha = 0.05,
  most = MOST,
): Measured<Interaction> {
  const byCluster = new Map<string, Total>();
  for (const [i, value] of values.entries()) {
    const key = clusters?.[i] ?? String(i);
    const { sum, size } = byCluster.get(key) ?? { sum: 0, size: 0 };
    byCluster.set(key, { sum: sum + value, size: size + 1 });
  }
  const totals = [...byCluster.values()];
  const independent = totals.length;
  if (independent < 2)
    return unknown(
      `${independent} independent examples with all four conditions; an interaction needs at least 2`,
    );
  const difference = mean(values);
  const square = totals.reduce((all, { sum, size }) => all + (sum - difference * size) ** 2, 0);
  const p = 2 * Math.min(belowP(totals, 0, most), belowP(negative(totals), 0, most));
  return known({
    difference,
    interval: [
      -upperEnd(negative(totals), alpha / 2, -difference, most),
      upperEnd(totals, alpha / 2, difference, most),
    ],
    p: Math.max(Number.MIN_VALUE, Math.min(1, p)),
    n: values.length,
    independent,
    deviation: Math.sqrt(square / values.length),
  });
}

/**
 * Chance that an interaction of this size is shown on n independent examples; the value at the bound that the test adds
 * is taken off. The usual choice of a deviation before any data is that of four independent outcomes: √(Σ p(1 − p)).
 *
 * @example
 * interactionPower(400, { difference: 0.15, deviation: 0.8 }); // 0.952…
 */
export function interactionPower(
  n: number,
  { difference, deviation }: Pick<Interaction, "difference" | "deviation">,
  alpha = 0.05,
): number {
  const error = Math.max(deviation, 1e-9) * Math.sqrt(n);
  return normalCdf((n * Math.abs(difference) - MOST) / error + normalQuantile(alpha / 2));
}
