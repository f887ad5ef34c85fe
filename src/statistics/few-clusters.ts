/**
 * What a clustered sample is worth where clusters are few, unequal, or nearly all right. Three things go wrong there with
 * the usual cluster-robust error (clustered.ts), and each has its remedy here:
 *
 * - a large cluster pulls the mean towards itself and hides its own deviation: CR2 residuals (Bell & McCaffrey 2002);
 * - the error itself is uncertain: Student's t with Satterthwaite's degrees of freedom, the smaller of those under
 *   independent answers and under an intraclass correlation of 0.3 (Imbens & Kolesár 2016);
 * - bad clusters may be so rare that none was drawn, and then nothing in the data shows that they exist: where fewer than
 *   a few clusters' worth of the rarer answer was seen, each cluster counts as one answer (`effective`).
 *
 * Coverage over a grid of numbers, sizes, correlations and accuracies: docs/calibration.md.
 */
import { sum } from "../numeric/index.ts";
import { ensure } from "../util/index.ts";
import { normalQuantile } from "./distributions/normal.ts";
import { studentQuantile } from "./distributions/student.ts";
import { known, type Measured, unknown } from "./measured.ts";

export interface ClusterWorth {
  /** Number of clusters, and of equal ones that would weigh as much: (Σ n)² / Σ n². */
  clusters: number;
  effective: number;
  /** Variance of the mean (CR2) over what it would be if all values were independent; at least 1. */
  designEffect: number;
  /** Satterthwaite's degrees of freedom of that variance. */
  degreesOfFreedom: number;
  /** Independent values that would tell as much, at the normal quantile: n / designEffect, times (z / t)². */
  size: number;
}

/** Fewer equal clusters than these tell nothing that holds. */
export const FEWEST_CLUSTERS = 3;
/** Intraclass correlations under which degrees of freedom are taken. */
const WORKING = [0, 0.3];

/**
 * Satterthwaite's degrees of freedom of the CR2 variance of a mean, if answers within clusters of the given sizes have an
 * intraclass correlation: tr(A)² / tr(A²), A the product of the weights and the covariance of residual totals.
 *
 * Source: Bell & McCaffrey 2002; Imbens & Kolesár 2016.
 *
 * @example
 * clusterDegreesOfFreedom([4, 4, 4, 4], 0); // 3
 */
export function clusterDegreesOfFreedom(sizes: readonly number[], correlation: number): number {
  const n = sum(sizes);
  const h = sizes.map((m) => m / n);
  const v = sizes.map((m) => m * (1 + (m - 1) * correlation));
  const w = h.map((share) => 1 / (1 - share));
  const total = sum(v);
  // Covariances of residual totals: v on the diagonal, and −h v' − v h' + h h' Σ v everywhere.
  const common = (i: number): number => h[i]! * (h[i]! * total - 2 * v[i]!);
  const trace = sum(sizes.map((_, i) => w[i]! * (v[i]! + common(i))));
  const [hh, vv, hv] = [
    sum(h.map((x, i) => w[i]! * x * x)),
    sum(v.map((x, i) => w[i]! * x * x)),
    sum(h.map((x, i) => w[i]! * x * v[i]!)),
  ];
  const squared =
    2 * hh * vv +
    2 * hv * hv +
    total * total * hh * hh -
    4 * total * hh * hv +
    sum(sizes.map((_, i) => w[i]! ** 2 * v[i]! * (v[i]! + 2 * common(i))));
  return (trace * trace) / squared;
}

/**
 * How much a clustered sample is worth.
 *
 * @param alpha - Of the interval or test that it is for.
 * @returns null with a reason where fewer than 3 equal clusters would weigh as much.
 *
 * @example
 * clusterWorth([1, 1, 0, 0, 1, 0], [..."aabbcc"]).value?.effective; // 3
 */
export function clusterWorth(
  values: readonly number[],
  clusters: readonly string[],
  alpha = 0.05,
): Measured<ClusterWorth> {
  ensure(values.length === clusters.length, "usage", () => ({
    where: "worth of a clustered sample",
    expected: "a cluster for every value",
    got: `${clusters.length} for ${values.length}`,
  }));
  const n = values.length;
  const mean = sum(values as number[]) / n;
  const found = new Map<string, { size: number; total: number }>();
  let square = 0;
  for (const [i, value] of values.entries()) {
    const cluster = found.get(clusters[i]!) ?? { size: 0, total: 0 };
    cluster.size++;
    cluster.total += value - mean;
    found.set(clusters[i]!, cluster);
    square += (value - mean) ** 2;
  }
  const all = [...found.values()];
  const groups = all.length;
  const effective = n ** 2 / sum(all.map(({ size }) => size * size));
  if (!(effective > FEWEST_CLUSTERS - 1e-9))
    return unknown(
      `${groups} cluster${groups === 1 ? "" : "s"}${groups > 1 ? `, worth ${effective.toFixed(1)} equal ones` : ""}; an interval needs at least ${FEWEST_CLUSTERS}`,
    );
  const naive = square / (n - 1) / n;
  const robust = sum(all.map(({ size, total }) => total ** 2 / (1 - size / n))) / n ** 2;
  const sizes = all.map(({ size }) => size);
  const degreesOfFreedom = Math.min(...WORKING.map((rho) => clusterDegreesOfFreedom(sizes, rho)));
  const alone = groups === n;
  const designEffect = alone ? 1 : naive > 0 ? Math.max(1, robust / naive) : n / effective;
  const few = alone ? 1 : normalQuantile(alpha / 2) / studentQuantile(alpha / 2, degreesOfFreedom);
  return known({
    clusters: groups,
    effective,
    designEffect,
    degreesOfFreedom,
    size: (n / designEffect) * few * few,
  });
}
