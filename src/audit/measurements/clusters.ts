import { centered, type Matrix, selectRows } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { type Random, random } from "../../util/index.ts";
import { NOT_PERMUTED, permutedBetween } from "./groups.ts";
import { fewer, flaw, sampleRows } from "./matrix.ts";

const STARTS = 10;
const ROUNDS = 50;

const squareDistance = (x: Matrix, i: number, center: Float64Array): number => {
  let sum = 0;
  for (let j = 0; j < x.d; j++) sum += (x.values[i * x.d + j]! - center[j]!) ** 2;
  return sum;
};

const rowAt = ({ values, d }: Matrix, i: number): Float64Array =>
  Float64Array.from(values.subarray(i * d, (i + 1) * d));

/** Rows that k-means starts from: each far from those before, by chance (k-means++). */
function startsOf(x: Matrix, k: number, draw: Random): Float64Array[] {
  const centers = [rowAt(x, draw.integer(x.n))];
  const nearest = new Float64Array(x.n).fill(Number.POSITIVE_INFINITY);
  while (centers.length < k) {
    let total = 0;
    for (let i = 0; i < x.n; i++) {
      nearest[i] = Math.min(nearest[i]!, squareDistance(x, i, centers.at(-1)!));
      total += nearest[i]!;
    }
    let left = draw.uniform() * total;
    let row = 0;
    for (; row < x.n - 1; row++) {
      left -= nearest[row]!;
      if (left < 0) break;
    }
    centers.push(rowAt(x, row));
  }
  return centers;
}

/** Clusters of rows by k-means from one start, and the sum of squares within them. */
function clustered(x: Matrix, centers: Float64Array[]): { of: number[]; within: number } {
  let of: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let within = 0;
    const next = Array.from({ length: x.n }, (_, i) => {
      const distances = centers.map((center) => squareDistance(x, i, center));
      const best = distances.indexOf(Math.min(...distances));
      within += distances[best]!;
      return best;
    });
    if (next.every((cluster, i) => cluster === of[i])) return { of, within };
    of = next;
    for (const [c, center] of centers.entries()) {
      const rows = of.flatMap((cluster, i) => (cluster === c ? [i] : []));
      // An empty cluster stays where it is.
      if (rows.length === 0) continue;
      center.fill(0);
      for (const row of rows)
        for (let j = 0; j < x.d; j++) center[j]! += x.values[row * x.d + j]! / rows.length;
    }
  }
  const within = of.reduce((sum, c, i) => sum + squareDistance(x, i, centers[c]!), 0);
  return { of, within };
}

/**
 * Adjusted Rand index of two partitions: 1 for the same, 0 on average for partitions that know nothing of each other.
 *
 * Source: Hubert & Arabie 1985, formula 5.
 *
 * @example
 * adjustedRandIndex([0, 0, 1, 1], [1, 1, 0, 0]); // 1
 */
export function adjustedRandIndex(a: readonly number[], b: readonly number[]): number {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const countsOf = (keys: readonly (number | string)[]): number => {
    const counts = new Map<number | string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + pairs(count), 0);
  };
  const both = countsOf(a.map((cluster, i) => `${cluster} ${b[i]}`));
  const [first, second] = [countsOf(a), countsOf(b)];
  const expected = (first * second) / pairs(a.length);
  const most = (first + second) / 2;
  // Both are one cluster, or all single: the same partition.
  return most === expected ? 1 : (both - expected) / (most - expected);
}

interface Clusters {
  /** Adjusted Rand index of clusters and labels. */
  ari: number;
  /** Share of 999 permutations of the labels (between groups), with the data themselves, whose index is as large. */
  p: number | null;
  reasons?: Record<string, string>;
  classes: number;
  n: number;
  /** Rows that were clustered, and the cluster of each. */
  rows: readonly number[];
  clusters: readonly number[];
}

/**
 * Do vectors fall into clusters that are the labels? k-means with as many clusters as there are labels (k-means++, the best of
 * ten starts) without knowing them, then the adjusted Rand index. Above 512 rows, of a sample of 512.
 *
 * @param x - [n, D]. @param labels - Class numbers 0, 1, … @param groups - Group of each example (the digest of its images),
 * null where each is alone; labels are permuted between groups of equal size, as wholes.
 *
 * Unknown: fewer than 25 examples, one class only, more classes than a fifth of the examples, vectors that are all equal or not finite.
 *
 * Source: docs/published-families.md §19.3 (10), "ARI of clusters"; Arthur & Vassilvitskii 2007 (k-means++).
 *
 * @example
 * const x = { n: 30, d: 1, values: Float64Array.from({ length: 30 }, (_, i) => (i % 2) + 0.001 * i) };
 * clusterAgreement(x, Array.from({ length: 30 }, (_, i) => i % 2), 0).value.ari; // 1
 */
export function clusterAgreement(
  x: Matrix,
  labels: readonly number[],
  seed: number,
  groups: readonly string[] | null = null,
): Measured<Clusters> {
  if (x.n < 25) return unknown(`${x.n} examples; clusters need at least 25`);
  const wrong = flaw(x);
  if (wrong !== null) return unknown(wrong);
  const rows = sampleRows(x);
  const moved = centered(selectRows(x, rows));
  if (moved === null) return unknown(`all ${rows.length} vectors are equal`);
  const inRows = rows.map((row) => labels[row]!);
  const classes = new Set(inRows).size;
  if (classes < 2) return unknown("one label only");
  if (classes > rows.length / 5)
    return unknown(`${classes} labels of ${rows.length} examples are no clusters`);
  const points = fewer(moved);
  const draw = random(seed, "clusters");
  let best = clustered(points, startsOf(points, classes, draw));
  for (let start = 1; start < STARTS; start++) {
    const found = clustered(points, startsOf(points, classes, draw));
    if (found.within < best.within) best = found;
  }
  const ari = adjustedRandIndex(best.of, inRows);
  const permutations = random(seed, "clusters", "permuted");
  const together = groups && rows.map((row) => groups[row]!);
  let asLarge = 1;
  let able = true;
  for (let i = 0; i < 999 && able; i++) {
    const permuted = permutedBetween(inRows, together, permutations);
    able = permuted !== null;
    if (permuted && adjustedRandIndex(best.of, permuted) >= ari - 1e-12) asLarge++;
  }
  return known({
    ari,
    p: able ? asLarge / 1000 : null,
    ...(!able && { reasons: { p: NOT_PERMUTED } }),
    classes,
    n: rows.length,
    rows,
    clusters: best.of,
  });
}
