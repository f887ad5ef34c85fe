/** Clustered inference for questions that share images (few-clusters.ts). */

import { countOf } from "../numeric/index.ts";
import { pValue } from "./distributions/binomial.ts";
import { logNormalCdf, normalQuantile } from "./distributions/normal.ts";
import { logStudentCdf } from "./distributions/student.ts";
import { type ClusterWorth, clusterWorth } from "./few-clusters.ts";
import { known, type Measured, unknown } from "./measured.ts";
import { type PairedCounts, pairs, scoreInterval, scoreStatistic } from "./paired.ts";
import type { Discordance } from "./power.ts";
import { proportionInterval } from "./proportion.ts";
import { hull, type Interval } from "./wilson.ts";

/**
 * The cluster of each row; null where every row is one of its own (or it is not known), and nothing has to be done.
 *
 * @example
 * clustersOf([{ images: "x" }, { images: "x" }, {}]); // ["x", "x", "row 2"]
 */
export function clustersOf(rows: readonly { images?: string | undefined }[]): string[] | null {
  const seen = new Set<string>();
  let known = 0;
  for (const { images } of rows) {
    if (images === undefined) continue;
    seen.add(images);
    known++;
  }
  return seen.size < known ? rows.map(({ images }, i) => images ?? `row ${i}`) : null;
}

/**
 * With fewer clusters' worth of the rarer answer (of discordant pairs) than these, clusters of the other kind
 * may exist and not have been drawn: each cluster counts as one answer then.
 */
const RARE = { answers: 2, pairs: 8 };

/**
 * The interval of a share with each cluster counted as one answer; null where more than enough clusters differ.
 *
 * @example
 * fewAnswers(0.99, 20, 0.05); // [0.842…, 0.999…]: of 19.8 in 20
 */
export const fewAnswers = (share: number, effective: number, alpha: number): Interval | null =>
  effective * Math.min(share, 1 - share) < RARE.answers
    ? proportionInterval(share * effective, effective, alpha).value
    : null;

/**
 * The interval of a paired difference with each cluster counted as one pair; null where enough of them are discordant.
 *
 * @param first, second - Shares of the two kinds of discordant pairs.
 *
 * @example
 * fewPairs({ first: 0.1, second: 0.1 }, 200, 0.05); // null: worth 40 discordant pairs
 */
export const fewPairs = (
  { first, second }: Discordance,
  effective: number,
  alpha: number,
): Interval | null =>
  (first + second) * effective < RARE.pairs
    ? scoreInterval(first * effective, second * effective, effective, -normalQuantile(alpha / 2))
    : null;

/** Score interval of a share: every rate at which it is within z standard errors, the error being that of the rate. */
function scoreShare(share: number, size: number, z: number): Interval {
  const middle = (share + (z * z) / (2 * size)) / (1 + (z * z) / size);
  const half = ((z / (1 + (z * z) / size)) * Math.sqrt(share * (1 - share) * size + (z * z) / 4)) / size;
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Interval of a share of right answers, for clusters if there are any (statistics/few-clusters.ts).
 *
 * @returns null with a reason where the clusters are too few or too unequal.
 *
 * @example
 * shareInterval([true, true, false, false], null, 0.05).value; // [0.0942…, 0.9057…]: as proportionInterval(2, 4)
 */
export function shareInterval(
  right: readonly boolean[],
  clusters: readonly string[] | null,
  alpha: number,
): Measured<Interval> {
  const hits = countOf(right, Boolean);
  if (clusters === null) return proportionInterval(hits, right.length, alpha);
  const worth = clusterWorth(right.map(Number), clusters, alpha);
  if (worth.value === null) return unknown(worth.reason);
  const { size, effective } = worth.value;
  const share = hits / right.length;
  const each = fewAnswers(share, effective, alpha);
  // Where every answer is the same, or t quantiles leave next to nothing of the size, clusters as answers are all there is.
  const score = scoreShare(share, size, -normalQuantile(alpha / 2));
  return known(each === null ? score : share === 0 || share === 1 ? each : hull(score, each));
}

export interface ClusteredComparison extends Pick<ClusterWorth, "clusters" | "designEffect"> {
  interval: Interval;
  /** Two-sided p-value of no difference. */
  p: number;
  /** p-value of equivalence within the margin: the larger of the two one-sided ones. */
  equivalenceP: number;
}

/**
 * Tango's interval and score tests with counts divided by the design effect, and Student's t with the degrees of freedom
 * that few and unequal clusters leave. With few discordant pairs for the number of clusters, they have to hold with each
 * cluster counted as one pair as well.
 *
 * @param differences - Per pair: right under the first condition less right under the second.
 *
 * @example
 * const counts = { n11: 3, n10: 3, n01: 0, n00: 0 };
 * clusteredComparison(counts, [1, 1, 1, 0, 0, 0], ["x", "x", "y", "y", "z", "z"], 0.02, 0.05).value?.clusters; // 3
 */
export function clusteredComparison(
  counts: PairedCounts,
  differences: readonly number[],
  clusters: readonly string[],
  margin: number,
  alpha: number,
): Measured<ClusteredComparison> {
  const worth = clusterWorth(differences, clusters, alpha);
  if (worth.value === null) return unknown(worth.reason);
  const { designEffect, size, effective, degreesOfFreedom, clusters: groups } = worth.value;
  const n = pairs(counts);
  const [less, more] = [Math.min(counts.n10, counts.n01), Math.max(counts.n10, counts.n01)];
  const scaled = (delta: number, share: number): number =>
    scoreStatistic(less * share, more * share, n * share, delta);
  const result = {
    clusters: groups,
    designEffect,
    interval: scoreInterval(
      (counts.n10 * size) / n,
      (counts.n01 * size) / n,
      size,
      -normalQuantile(alpha / 2),
    ),
    p: pValue(Math.LN2 + logStudentCdf(scaled(0, 1 / designEffect), degreesOfFreedom)).p,
    equivalenceP: pValue(logStudentCdf(-scaled(-margin, 1 / designEffect), degreesOfFreedom)).p,
  };
  const each = effective / n;
  const few = fewPairs({ first: counts.n10 / n, second: counts.n01 / n }, effective, alpha);
  if (few === null) return known(result);
  return known({
    ...result,
    interval: hull(result.interval, few),
    p: Math.max(result.p, pValue(Math.LN2 + logNormalCdf(scaled(0, each))).p),
    equivalenceP: Math.max(result.equivalenceP, pValue(logNormalCdf(-scaled(-margin, each))).p),
  });
}
