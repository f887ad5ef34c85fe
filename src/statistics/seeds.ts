/**
 * Intervals over few seeds. Seeds are few (2 to 10), and all of them answer the same examples: a mean over both varies with
 * the seeds (Student's t, one degree of freedom less than seeds) and with the examples, whose errors all seeds share. Each
 * part has a quantile of its own, which never covers less than it says (Banerjee 1960); a single quantile for the sum
 * (Satterthwaite, Hillis 2007) covers as little as 86 % at two seeds. The hierarchical bootstrap covers 71–86 % at 3 to 5
 * seeds. Coverage over a grid: docs/calibration.md.
 */

import { sum } from "../numeric/index.ts";
import { betaBinomialInterval, type RunCounts } from "./distributions/beta-binomial.ts";
import { studentQuantile } from "./distributions/student.ts";
import { known, type Measured, unknown } from "./measured.ts";
import { hull, type Interval } from "./wilson.ts";

/** Sums of a quantity over the examples of each cluster, by seed: `totals[seed][cluster]`. */
export interface SeedTotals {
  totals: readonly (readonly number[])[];
  /** Examples of each cluster. */
  sizes: readonly number[];
  /** Whether cluster c is the same examples in every seed; if not, examples are part of what a seed's mean varies with. */
  same: boolean;
}

export interface SeedMean {
  mean: number;
  /** Of each seed. */
  means: number[];
  /** Variance of the mean by seeds, and by the examples that they share. */
  bySeeds: number;
  byExamples: number;
  /** Half the width of the symmetric interval. */
  half: number;
}

/**
 * Mean over seeds and examples, with the variance that each contributes (random effects of seeds and of clusters of
 * examples, crossed; the mean is a ratio, so clusters may differ in size).
 *
 * @param seeds - At least 2 seeds.
 *
 * Source: Banerjee 1960; crossed random effects: Dorfman, Berbaum & Metz 1992, Hillis 2007.
 *
 * @example
 * seedMean({ totals: [[1, 0, 1], [1, 1, 1]], sizes: [1, 1, 1], same: true }).mean; // 5 / 6
 */
export function seedMean({ totals, sizes, same }: SeedTotals, alpha = 0.05): SeedMean {
  const seeds = totals.length;
  const clusters = sizes.length;
  const n = sum(sizes);
  const means = totals.map((row) => sum(row) / n);
  const mean = sum(means) / seeds;
  const between = sum(means.map((each) => (each - mean) ** 2));
  const bySeeds = between / (seeds * (seeds - 1));
  let byExamples = 0;
  if (same && clusters > 1) {
    // Deviations whose mean over clusters is that of the seed's accuracy.
    const deviations = totals.map((row) => row.map((t, c) => (clusters / n) * (t - sizes[c]! * mean)));
    const ofCluster = sizes.map((_, c) => sum(deviations.map((row) => row[c]!)) / seeds);
    const examples = seeds * sum(ofCluster.map((each) => each ** 2));
    const all = sum(deviations.map((row) => sum(row.map((each) => each ** 2))));
    const rest = Math.max(0, all - examples - clusters * between);
    const square = examples / (clusters - 1) - rest / ((clusters - 1) * (seeds - 1));
    byExamples = Math.max(0, square) / (clusters * seeds);
  }
  const t = studentQuantile(1 - alpha / 2, seeds - 1);
  const shared = byExamples > 0 ? studentQuantile(1 - alpha / 2, clusters - 1) : 0;
  return {
    mean,
    means,
    bySeeds,
    byExamples,
    half: Math.sqrt(t * t * bySeeds + shared * shared * byExamples),
  };
}

/** So near 0 or 1 accuracies of seeds are skewed, and the beta-binomial law has its say. */
const NEAR = 0.2;

/**
 * Interval of a mean accuracy over seeds. The t interval is inverted at the error of the rate in question (as Wilson's is),
 * so that it stays within 0 and 1; near them, and where all seeds are equally good, it is joined with the beta-binomial
 * likelihood interval.
 *
 * @param designEffect - Of clusters within one seed; 1 if left out.
 * @returns null with a reason for fewer than 2 seeds.
 *
 * @example
 * seedAccuracy({ totals: [[1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]], sizes: [1, 1, 1, 1], same: true }).value;
 */
export function seedAccuracy(seeds: SeedTotals, alpha = 0.05, designEffect = 1): Measured<Interval> {
  if (seeds.totals.length < 2)
    return unknown(`${seeds.totals.length} seed; an interval over seeds needs at least 2`);
  const { mean, half, bySeeds, byExamples } = seedMean(seeds, alpha);
  const spread = mean * (1 - mean);
  const near = Math.min(mean, 1 - mean) < NEAR || bySeeds < 1e-15;
  const score: Interval = spread > 0 && half > 0 ? scoreEnds(mean, spread / half ** 2) : [mean, mean];
  if (!near) return known(score);
  const n = sum(seeds.sizes);
  const runs = seeds.totals.map(
    (row): RunCounts => ({ right: sum(row) / designEffect, n: n / designEffect }),
  );
  const [low, high] = betaBinomialInterval(runs, alpha);
  const extra = byExamples * studentQuantile(1 - alpha / 2, Math.max(1, seeds.sizes.length - 1)) ** 2;
  const wider: Interval = [
    Math.max(0, mean - Math.sqrt((mean - low) ** 2 + extra)),
    Math.min(1, mean + Math.sqrt((high - mean) ** 2 + extra)),
  ];
  return known(hull(score, wider));
}

/** Rates x with (mean − x)² ≤ x (1 − x) / size. */
function scoreEnds(mean: number, size: number): Interval {
  const middle = (mean + 1 / (2 * size)) / (1 + 1 / size);
  const half = Math.sqrt((mean * (1 - mean)) / size + 1 / (4 * size * size)) / (1 + 1 / size);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Interval of a difference of two accuracies over seeds that are paired. Where one of the two is near 0 or 1, joined with
 * the interval that their own intervals give (the two are no less certain for being paired).
 *
 * @param first, second - The same clusters of examples.
 * @returns null with a reason for fewer than 2 seeds, or where every seed gives the same difference.
 *
 * Source: Newcombe 1998 (method 8); Zou & Donner 2008.
 *
 * @example
 * const sizes = [1, 1, 1, 1];
 * const first = { totals: [[1, 1, 1, 0], [1, 1, 0, 0]], sizes, same: true };
 * seedDifference(first, { ...first, totals: [[0, 1, 0, 0], [0, 1, 0, 0]] }).value; // [-1, 1]: two seeds
 */
export function seedDifference(
  first: SeedTotals,
  second: SeedTotals,
  alpha = 0.05,
  designEffect = 1,
): Measured<Interval> {
  const totals = first.totals.map((row, s) => row.map((each, c) => each - second.totals[s]![c]!));
  if (totals.length < 2) return unknown(`${totals.length} seed; an interval over seeds needs at least 2`);
  const { mean, half, bySeeds } = seedMean({ ...first, totals }, alpha);
  if (bySeeds < 1e-15)
    return unknown("every seed gives the same difference: they do not tell how much it varies");
  const symmetric: Interval = [mean - half, mean + half];
  const within = ([low, high]: Interval): Interval => [Math.max(-1, low), Math.min(1, high)];
  const rates = [first, second].map((each) => seedMean(each, alpha).mean);
  if (rates.every((rate) => Math.min(rate, 1 - rate) >= NEAR)) return known(within(symmetric));
  const [one, other] = [first, second].map((each) => seedAccuracy(each, alpha, designEffect).value!);
  const low = mean - Math.hypot(rates[0]! - one![0], other![1] - rates[1]!);
  const high = mean + Math.hypot(one![1] - rates[0]!, rates[1]! - other![0]);
  return known(within(hull(symmetric, [low, high])));
}

/**
 * Interval of a ratio of two means over seeds: every ratio r at which the mean of numerator − r · denominator is not shown
 * to differ from 0.
 *
 * @returns null with a reason for fewer than 2 seeds, where every seed gives the same, or where the denominator is not
 * shown to differ from 0.
 *
 * Source: Fieller 1954.
 *
 * @example
 * const sizes = [1, 1, 1, 1];
 * const denominator = { totals: [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]], sizes, same: true };
 * seedRatio({ ...denominator, totals: [[1, 0, 0, 1], [1, 1, 1, 0], [0, 0, 1, 1]] }, denominator).value;
 */
export function seedRatio(numerator: SeedTotals, denominator: SeedTotals, alpha = 0.05): Measured<Interval> {
  const seeds = numerator.totals.length;
  if (seeds < 2) return unknown(`${seeds} seed; an interval over seeds needs at least 2`);
  return fieller(
    (ratio) =>
      seedMean(
        {
          ...numerator,
          totals: numerator.totals.map((row, s) =>
            row.map((each, c) => each - ratio * denominator.totals[s]![c]!),
          ),
        },
        alpha,
      ),
    seedMean(numerator, alpha).mean / seedMean(denominator, alpha).mean,
    () => {
      const { mean, half } = seedMean(denominator, alpha);
      return Math.abs(mean) > half;
    },
  );
}

/**
 * Ratios around the observed one at which a contrast is within its half width of 0.
 *
 * @param contrast - Mean and half width of numerator − ratio · denominator.
 *
 * @example
 * fieller((r) => ({ mean: 1 - 2 * r, half: 0.2 }), 0.5, () => true).value; // [0.4, 0.6]
 */
export function fieller(
  contrast: (ratio: number) => { mean: number; half: number },
  observed: number,
  shown: () => boolean,
): Measured<Interval> {
  if (!Number.isFinite(observed) || !shown())
    return unknown("the denominator is not shown to differ from 0: any ratio is possible");
  if (!(contrast(observed).half > 1e-12))
    return unknown("every seed and example gives the same ratio; a width of zero would mislead");
  const inside = (ratio: number): boolean => {
    const { mean, half } = contrast(ratio);
    return Math.abs(mean) <= half;
  };
  const edge = (sign: 1 | -1): number | null => {
    let step = 1e-3;
    while (inside(observed + sign * step)) {
      step *= 2;
      if (step > 1e4) return null;
    }
    let [near, far] = [0, step];
    for (let i = 0; i < 40; i++) {
      const middle = (near + far) / 2;
      if (inside(observed + sign * middle)) near = middle;
      else far = middle;
    }
    return observed + sign * near;
  };
  const [low, high] = [edge(-1), edge(1)];
  return low === null || high === null
    ? unknown("the denominator is not shown to differ from 0: any ratio is possible")
    : known([low, high]);
}
