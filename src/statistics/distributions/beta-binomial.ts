/**
 * Counts of right answers of several runs whose true accuracies differ: the beta-binomial law. Near 0 and 1 accuracies
 * cannot vary symmetrically (of runs at 95 % one may fail), which Student's t does not know and this law does.
 */

import type { Interval } from "../wilson.ts";
import { logGamma } from "./gamma.ts";
import { studentQuantile } from "./student.ts";

/** Counts of one run; they may be fractional (divided by a design effect). */
export interface RunCounts {
  right: number;
  n: number;
}

/** Intraclass correlations that are tried first; 0 is the binomial law. */
const GRID = [0, ...Array.from({ length: 20 }, (_, i) => 1e-4 * 0.97e4 ** (i / 19))];

/**
 * Log-likelihood of counts at a mean accuracy and an intraclass correlation, up to a constant.
 *
 * @example
 * betaBinomialLogLikelihood([{ right: 1, n: 1 }], 0.25, 0.5); // Math.log(0.25)
 */
export function betaBinomialLogLikelihood(
  runs: readonly RunCounts[],
  mean: number,
  correlation: number,
): number {
  if (correlation === 0)
    return runs.reduce(
      (all, { right, n }) =>
        all + (right > 0 ? right * Math.log(mean) : 0) + (n > right ? (n - right) * Math.log1p(-mean) : 0),
      0,
    );
  const scale = (1 - correlation) / correlation;
  const [a, b] = [mean * scale, (1 - mean) * scale];
  if (a <= 0 || b <= 0) return runs.every(({ right, n }) => right === (a <= 0 ? 0 : n)) ? 0 : -Infinity;
  const [atA, atB, atSum] = [logGamma(a), logGamma(b), logGamma(scale)];
  return runs.reduce(
    (all, { right, n }) =>
      all + (logGamma(right + a) - atA) + (logGamma(n - right + b) - atB) - (logGamma(n + scale) - atSum),
    0,
  );
}

/** The most likely correlation at a mean accuracy (a place of the grid, climbed to from another), and its likelihood. */
function profile(runs: readonly RunCounts[], mean: number, from: number): { at: number; value: number } {
  const known = new Map<number, number>();
  const of = (i: number): number => {
    if (!(i in GRID)) return -Infinity;
    const value = known.get(i) ?? betaBinomialLogLikelihood(runs, mean, GRID[i]!);
    known.set(i, value);
    return value;
  };
  let at = from;
  while (of(at + 1) > of(at)) at++;
  while (of(at - 1) > of(at)) at--;
  let [low, high] = [GRID[Math.max(0, at - 1)]!, GRID[Math.min(GRID.length - 1, at + 1)]!];
  let value = of(at);
  for (let i = 0; i < 2; i++) {
    const [x, y] = [low + (high - low) / 3, high - (high - low) / 3];
    const [fx, fy] = [betaBinomialLogLikelihood(runs, mean, x), betaBinomialLogLikelihood(runs, mean, y)];
    value = Math.max(value, fx, fy);
    if (fx > fy) high = y;
    else low = x;
  }
  return { at, value };
}

/**
 * Likelihood interval of the mean accuracy: every rate whose profile likelihood falls behind that of the observed mean by
 * no more than a critical value between the one of χ² and the one that Student's t gives: the first covers too little, the
 * second too much where runs hardly differ, and the weight of the second grows with the number of runs, up to 1 at ten.
 *
 * @param runs - At least 2.
 *
 * Source: Williams 1975; critical value by simulation, docs/calibration.md.
 *
 * @example
 * betaBinomialInterval([{ right: 98, n: 100 }, { right: 99, n: 100 }, { right: 97, n: 100 }]);
 */
export function betaBinomialInterval(runs: readonly RunCounts[], alpha = 0.05): Interval {
  const seeds = runs.length;
  const t = studentQuantile(1 - alpha / 2, seeds - 1);
  const normal = studentQuantile(1 - alpha / 2, 1e6);
  const weight = Math.min(1, seeds / 10);
  const critical = (1 - weight) * normal ** 2 + weight * seeds * Math.log1p(t ** 2 / (seeds - 1));
  const mean = runs.reduce((all, { right }) => all + right, 0) / runs.reduce((all, { n }) => all + n, 0);
  const starts = [0, 7, 14].map((from) => profile(runs, mean, from));
  const top = starts.reduce((best, each) => (each.value > best.value ? each : best));
  const inside = (rate: number): boolean => 2 * (top.value - profile(runs, rate, top.at).value) <= critical;
  return [mean === 0 ? 0 : edge(0, mean, (rate) => !inside(rate)), mean === 1 ? 1 : edge(mean, 1, inside)];
}

/** The point where `above` turns from true to false, to 2^-13 of the range. */
function edge(low: number, high: number, above: (x: number) => boolean): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 13; i++) {
    const middle = (a + b) / 2;
    if (above(middle)) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
