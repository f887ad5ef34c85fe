/** Questions that share their images share their luck: what is made of their counts then (statistics/clustered.ts). */
import { createHash } from "node:crypto";
import { known, type Measured, unknown } from "./measured.ts";
import {
  type EffectiveSize,
  effectiveSize,
  type Interval,
  logStudentCdf,
  normalQuantile,
  type PairedCounts,
  pairs,
  proportionInterval,
  pValue,
  scoreInterval,
  scoreStatistic,
} from "./statistics/index.ts";

/**
 * Digest of an example's images, equal for equal images; undefined for a question without any.
 *
 * @example
 * imagesDigest([Uint8Array.of(1)]) === imagesDigest([Uint8Array.of(1)]); // true
 */
export function imagesDigest(images: readonly Uint8Array[]): string | undefined {
  if (images.length === 0) return undefined;
  const digest = createHash("sha1");
  for (const image of images) digest.update(createHash("sha1").update(image).digest());
  return digest.digest("base64");
}

/** The cluster of each row; null where every row is one of its own (or it is not known), and nothing has to be done. */
export function clustersOf(rows: readonly { images?: string | undefined }[]): string[] | null {
  const ids = rows.map(({ images }, i) => images ?? `row ${i}`);
  return new Set(ids).size < ids.length ? ids : null;
}

/** Interval of a share of right answers, for clusters if there are any. */
export function shareInterval(
  right: readonly boolean[],
  clusters: readonly string[] | null,
  alpha: number,
): Measured<Interval> {
  const hits = right.filter(Boolean).length;
  if (clusters === null) return proportionInterval(hits, right.length, alpha);
  const worth = effectiveSize(right.map(Number), clusters, alpha);
  if (worth.value === null) return unknown(worth.reason);
  // Fewer than two independent examples tell nothing, whatever their number.
  const size = worth.value.size;
  return proportionInterval((hits / right.length) * size, size, alpha);
}

export interface ClusteredComparison extends Pick<EffectiveSize, "clusters" | "designEffect"> {
  interval: Interval;
  /** Two-sided p-value of no difference. */
  p: number;
  /** p-value of equivalence within the margin: the larger of the two one-sided ones. */
  equivalenceP: number;
}

/**
 * Tango's interval and score tests with counts divided by the design effect, and Student's t with as many degrees of
 * freedom as clusters, less one.
 *
 * @param differences - Per pair: right under the first condition less right under the second.
 *
 * @example
 * const counts = { n11: 2, n10: 2, n01: 0, n00: 0 };
 * clusteredComparison(counts, [1, 1, 0, 0], ["x", "x", "y", "y"], 0.02, 0.05).value?.clusters; // 2
 */
export function clusteredComparison(
  counts: PairedCounts,
  differences: readonly number[],
  clusters: readonly string[],
  margin: number,
  alpha: number,
): Measured<ClusteredComparison> {
  const worth = effectiveSize(differences, clusters, alpha);
  if (worth.value === null) return unknown(worth.reason);
  const { designEffect, size, clusters: groups } = worth.value;
  const n = pairs(counts);
  const scaled = (delta: number, less: number, more: number): number =>
    scoreStatistic(less / designEffect, more / designEffect, n / designEffect, delta);
  const [less, more] = [Math.min(counts.n10, counts.n01), Math.max(counts.n10, counts.n01)];
  const share = size / n;
  return known({
    clusters: groups,
    designEffect,
    interval: scoreInterval(counts.n10 * share, counts.n01 * share, size, -normalQuantile(alpha / 2)),
    p: pValue(Math.LN2 + logStudentCdf(scaled(0, less, more), groups - 1)).p,
    equivalenceP: pValue(logStudentCdf(-scaled(-margin, less, more), groups - 1)).p,
  });
}
