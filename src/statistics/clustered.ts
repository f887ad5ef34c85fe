/**
 * Examples that share an image are not independent: their errors are correlated. The design effect says how many times
 * larger the variance of a mean is for it; dividing counts by it makes score intervals and score tests honest.
 */
import { sum } from "../numeric/index.ts";
import { ensure } from "../util/index.ts";
import { normalQuantile } from "./distributions/normal.ts";
import { studentQuantile } from "./distributions/student.ts";
import { known, type Measured, unknown } from "./measured.ts";
import type { Interval } from "./wilson.ts";

export interface ClusteredMean {
  mean: number;
  /** Cluster-robust standard error with the correction G / (G − 1) for few clusters. */
  error: number;
  /** By Student's t with G − 1 degrees of freedom. */
  interval: Interval;
  /** G. */
  clusters: number;
}

interface Sums {
  n: number;
  mean: number;
  /** Number of clusters. */
  groups: number;
  /** Squared standard error, and what it would be if all values were independent. */
  robust: number;
  naive: number;
}

function sums(values: readonly number[], clusters: readonly string[]): Sums {
  ensure(values.length === clusters.length, "usage", () => ({
    where: "clustered standard error",
    expected: "a cluster for every value",
    got: `${clusters.length} for ${values.length}`,
  }));
  const n = values.length;
  const mean = sum(values) / n;
  const totals = new Map<string, number>();
  let square = 0;
  for (const [i, value] of values.entries()) {
    totals.set(clusters[i]!, (totals.get(clusters[i]!) ?? 0) + value - mean);
    square += (value - mean) ** 2;
  }
  const groups = totals.size;
  const between = [...totals.values()].reduce((sum, total) => sum + total * total, 0);
  return {
    n,
    mean,
    groups,
    robust: ((groups / (groups - 1)) * between) / (n * n),
    naive: square / (n - 1) / n,
  };
}

/**
 * Mean with a cluster-robust standard error and t interval.
 *
 * @param clusters - The cluster of each value (its image).
 * @returns null with a reason for fewer than 2 clusters, or where nothing varies: no interval has a width of zero.
 *
 * Source: Liang & Zeger 1986; Miller 2024 (arXiv 2411.00640); correction as in statsmodels and Stata (CR1).
 *
 * @example
 * clusteredMean([1, 1, 0, 0, 1, 0], ["a", "a", "b", "b", "c", "c"]).value; // { mean: 0.5, error: 0.2886…, … }
 */
export function clusteredMean(
  values: readonly number[],
  clusters: readonly string[],
  alpha = 0.05,
): Measured<ClusteredMean> {
  const { mean, groups, robust } = sums(values, clusters);
  if (groups < 2) return unknown(`${groups} cluster${groups === 1 ? "" : "s"}; an interval needs at least 2`);
  if (!(robust > 1e-24)) return unknown("the clusters do not vary; a width of zero would mislead");
  const error = Math.sqrt(robust);
  const half = -studentQuantile(alpha / 2, groups - 1) * error;
  return known({ mean, error, interval: [mean - half, mean + half], clusters: groups });
}

export interface EffectiveSize {
  clusters: number;
  /** Variance of the mean over what it would be if all values were independent; at least 1. */
  designEffect: number;
  /** Independent values that would tell as much: n / designEffect, less what few clusters leave uncertain. */
  size: number;
}

/**
 * How many independent values a clustered sample is worth. Where nothing varies, each cluster counts as one.
 *
 * @param alpha - Of the interval that it is for: with few clusters t quantiles exceed normal ones, and the size shrinks
 * by the square of their ratio.
 * @returns null with a reason for fewer than 2 clusters.
 *
 * Source: Kish 1965; Korn & Graubard 1998.
 *
 * @example
 * effectiveSize([1, 1, 0, 0], ["a", "a", "b", "b"]).value?.designEffect; // 3
 */
export function effectiveSize(
  values: readonly number[],
  clusters: readonly string[],
  alpha = 0.05,
): Measured<EffectiveSize> {
  const { n, groups, robust, naive } = sums(values, clusters);
  if (groups < 2) return unknown(`${groups} cluster${groups === 1 ? "" : "s"}; an interval needs at least 2`);
  const designEffect = groups === n ? 1 : naive > 0 ? Math.max(1, robust / naive) : n / groups;
  const few = groups === n ? 1 : normalQuantile(alpha / 2) / studentQuantile(alpha / 2, groups - 1);
  return known({ clusters: groups, designEffect, size: (n / designEffect) * few * few });
}
