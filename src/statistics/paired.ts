import { sum } from "../numeric/index.ts";
import { ensure } from "../util/index.ts";
import { normalQuantile } from "./distributions/normal.ts";
import { known, type Measured, unknown } from "./measured.ts";
import { turn } from "./roots.ts";
import type { Interval } from "./wilson.ts";

/** A paired 2 × 2 table of right answers under two conditions on the same examples. */
export interface PairedCounts {
  /** Right under both. */
  n11: number;
  /** Right under the first only. */
  n10: number;
  /** Right under the second only. */
  n01: number;
  /** Right under neither. */
  n00: number;
}

export interface PairedDifference {
  /** rate(first) − rate(second), in [−1, 1]. */
  difference: number;
  /** Tango's score interval. */
  interval: Interval;
}

/**
 * Number of pairs in the table.
 *
 * @throws LintelError "usage" for counts that are not whole and ≥ 0.
 *
 * @example
 * pairs({ n11: 30, n10: 3, n01: 9, n00: 8 }); // 50
 */
export function pairs(counts: PairedCounts): number {
  const all = [counts.n11, counts.n10, counts.n01, counts.n00];
  ensure(
    all.every((count) => Number.isInteger(count) && count >= 0),
    "usage",
    () => ({ where: "paired counts", expected: "four counts, whole and ≥ 0", got: JSON.stringify(counts) }),
  );
  return sum(all);
}

/**
 * Most likely P(second only) of b and c discordant pairs out of n if the difference were delta.
 *
 * @example
 * mostLikelySecond(4, 2, 50, 0); // 0.06: half of 6 in 50
 */
export function mostLikelySecond(b: number, c: number, n: number, delta: number): number {
  const B = -b - c + (2 * n - b + c) * delta;
  const spread = c * delta * (1 - delta);
  const root = Math.sqrt(Math.max(0, B * B + 8 * n * spread));
  // The form without cancellation for either sign of B.
  if (B <= 0) return (root - B) / (4 * n);
  return (2 * spread) / (root + B);
}

/** Numerator and squared denominator of the score statistic. */
function score(b: number, c: number, n: number, delta: number): { top: number; variance: number } {
  const q = mostLikelySecond(b, c, n, delta);
  return { top: b - c - n * delta, variance: n * Math.max(0, 2 * q + delta * (1 - delta)) };
}

/**
 * Tango's score statistic of H₀: rate(first) − rate(second) = delta; standard normal under H₀, falling in delta. At
 * delta = 0 its square is McNemar's χ² without correction.
 *
 * @param delta - Strictly between −1 and 1.
 *
 * Source: Tango 1998, Statistics in Medicine 17:891.
 *
 * @example
 * tangoStatistic({ n11: 59, n10: 6, n01: 16, n00: 80 }, 0); // -10 / Math.sqrt(22)
 */
export function tangoStatistic(counts: PairedCounts, delta: number): number {
  return scoreStatistic(counts.n10, counts.n01, pairs(counts), delta);
}

/**
 * `tangoStatistic` from the numbers of discordant pairs, which may be fractional (divided by a design effect).
 *
 * @example
 * scoreStatistic(6, 16, 161, 0); // -10 / Math.sqrt(22)
 */
export function scoreStatistic(b: number, c: number, n: number, delta: number): number {
  const { top, variance } = score(b, c, n, delta);
  return top === 0 ? 0 : top / Math.sqrt(variance);
}

/**
 * Difference of two paired proportions with Tango's score interval: every delta that the score test does not reject.
 * Unlike Wald's it keeps a width when no pair is discordant, and it never leaves [−1, 1].
 *
 * @param alpha - One minus the confidence: 0.05 for 95 %.
 * @returns null with a reason for fewer than 2 pairs.
 *
 * Source: Tango 1998, Statistics in Medicine 17:891; recommended by Fagerland, Lydersen & Laake 2014.
 *
 * @example
 * pairedDifference({ n11: 59, n10: 6, n01: 16, n00: 80 }).value; // { difference: -0.0621…, interval: [-0.1240…, -0.0054…] }
 */
export function pairedDifference(counts: PairedCounts, alpha = 0.05): Measured<PairedDifference> {
  const n = pairs(counts);
  if (n < 2) return unknown(`${n} pair${n === 1 ? "" : "s"}; an interval needs at least 2`);
  const { n10: b, n01: c } = counts;
  return known({ difference: (b - c) / n, interval: scoreInterval(b, c, n, -normalQuantile(alpha / 2)) });
}

/**
 * Every delta with |`scoreStatistic`| ≤ z.
 *
 * @param z - Quantile of the statistic's distribution: 1.96 for 95 %.
 *
 * @example
 * scoreInterval(6, 16, 161, 1.959963984540054); // [-0.1240…, -0.0054…]
 */
export function scoreInterval(b: number, c: number, n: number, z: number): Interval {
  const difference = (b - c) / n;
  const inside = (delta: number): boolean => {
    const { top, variance } = score(b, c, n, delta);
    return top * top <= z * z * variance;
  };
  const high = b === n ? 1 : turn(difference, 1, inside);
  const low = c === n ? -1 : turn(-1, difference, (delta) => !inside(delta));
  return [low, high];
}
