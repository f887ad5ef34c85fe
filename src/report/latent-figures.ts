/**
 * Data of the geometry figures, computed from own and oracle latents: distributions of cosines and a projection to two
 * dimensions. The numbers in the tables are the audit's.
 */

/** One vector per example: the mean over the slots of its block. Row-major, `rows.length === n * width`. */
export interface Cloud {
  n: number;
  width: number;
  rows: Float64Array;
}

/** Counts of values in equal bins over [from, to]. */
export interface Histogram {
  from: number;
  to: number;
  counts: number[];
  total: number;
}

/** Points in two dimensions, and the share of the total variance that each of the two directions explains. */
export interface Projection {
  own: [number, number][];
  oracle: [number, number][];
  explained: [number, number];
}

export interface LatentFigures {
  /** Examples with finite own and oracle latents, and those left out because theirs are not. */
  n: number;
  dropped: number;
  /** Examples in the file; more than `n + dropped` where only the first ones are drawn. */
  available: number;
  pairwise: { own: Histogram; oracle: Histogram };
  /** Cosine of each example's own latent to its own oracle, and to the oracles of others. */
  paired: { right: Histogram; other: Histogram };
  projection: Projection;
}

/**
 * The mean over slots of blocks of shape [n, K, D].
 *
 * @example
 * meanOverSlots(new Float32Array([1, 2, 3, 4]), [1, 2, 2]).rows; // [2, 3]
 */
export function meanOverSlots(
  values: ArrayLike<number>,
  [n, slots, width]: readonly [number, number, number],
): Cloud {
  const rows = new Float64Array(n * width);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < slots; k++) {
      const offset = (i * slots + k) * width;
      for (let d = 0; d < width; d++) rows[i * width + d]! += values[offset + d]! / slots;
    }
  }
  return { n, width, rows };
}

function pick(cloud: Cloud, keep: readonly number[]): Cloud {
  const rows = new Float64Array(keep.length * cloud.width);
  keep.forEach((i, j) => {
    rows.set(cloud.rows.subarray(i * cloud.width, (i + 1) * cloud.width), j * cloud.width);
  });
  return { n: keep.length, width: cloud.width, rows };
}

/** Rows scaled to length one; a row of zeros stays zero. */
function unit(cloud: Cloud): Cloud {
  const rows = cloud.rows.slice();
  for (let i = 0; i < cloud.n; i++) {
    const row = rows.subarray(i * cloud.width, (i + 1) * cloud.width);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (norm > 0) for (let d = 0; d < row.length; d++) row[d]! /= norm;
  }
  return { ...cloud, rows };
}

function dot(a: Cloud, i: number, b: Cloud, j: number): number {
  let sum = 0;
  const width = a.width;
  for (let d = 0; d < width; d++) sum += a.rows[i * width + d]! * b.rows[j * width + d]!;
  return sum;
}

/**
 * Counts values in `bins` equal bins over [from, to]; values outside (rounding) go to the outermost bins.
 *
 * @example
 * histogram([0, 0.4, 1], 0, 1, 2).counts; // [2, 1]
 */
export function histogram(values: readonly number[], from: number, to: number, bins: number): Histogram {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return { from, to, counts, total: values.length };
}

/**
 * The two directions of largest variance of the rows of both clouds together (principal components), by orthogonal
 * iteration from a fixed start, signs chosen so that the largest loading is positive: the same picture every time.
 */
export function project(own: Cloud, oracle: Cloud, iterations = 100): Projection {
  const { width } = own;
  const n = own.n + oracle.n;
  const x = new Float64Array(n * width);
  x.set(own.rows);
  x.set(oracle.rows, own.n * width);
  const mean = new Float64Array(width);
  for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) mean[d]! += x[i * width + d]! / n;
  let total = 0;
  for (let i = 0; i < n * width; i++) {
    x[i]! -= mean[i % width]!;
    total += x[i]! ** 2;
  }
  const scores = (v: Float64Array): Float64Array => {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) out[i]! += x[i * width + d]! * v[d]!;
    return out;
  };
  const found: Float64Array[] = [];
  const variance: number[] = [];
  for (let component = 0; component < Math.min(2, width); component++) {
    // The start has a component in every direction and is not symmetric, so it is orthogonal to no principal axis.
    let v = Float64Array.from({ length: width }, (_, d) => 1 + ((d * 7919) % 104729) / 104729);
    let strength = 0;
    for (let step = 0; step < iterations; step++) {
      const s = scores(v);
      const next = new Float64Array(width);
      for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) next[d]! += x[i * width + d]! * s[i]!;
      for (const w of found) {
        const along = next.reduce((sum, value, d) => sum + value * w[d]!, 0);
        for (let d = 0; d < width; d++) next[d]! -= along * w[d]!;
      }
      const norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
      strength = norm;
      if (!(norm > 1e-12 * total)) break;
      for (let d = 0; d < width; d++) next[d]! /= norm;
      v = next;
    }
    if (!(strength > 1e-12 * total)) v = new Float64Array(width);
    const largest = v.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) for (let d = 0; d < width; d++) v[d]! *= -1;
    found.push(v);
    variance.push(scores(v).reduce((sum, value) => sum + value * value, 0));
  }
  const axes = found.map(scores);
  const point = (i: number): [number, number] => [axes[0]?.[i] ?? 0, axes[1]?.[i] ?? 0];
  const share = (i: number): number => (total > 0 ? (variance[i] ?? 0) / total : 0);
  return {
    own: Array.from({ length: own.n }, (_, i) => point(i)),
    oracle: Array.from({ length: oracle.n }, (_, i) => point(own.n + i)),
    explained: [share(0), share(1)],
  };
}

/** Examples that are drawn at most: the number of pairs grows with their square. */
export const DRAWN = 300;
const BINS = 48;

/**
 * The picture of own and oracle latents of shape [n, K, D] each; null where fewer than two examples have both. Rows
 * that are not `present` or not finite are left out.
 */
export function latentFigures(
  ownValues: ArrayLike<number>,
  oracleValues: ArrayLike<number>,
  shape: readonly [number, number, number],
  present: (row: number) => boolean = () => true,
): LatentFigures | null {
  const count = Math.min(shape[0], DRAWN);
  const drawn = [count, shape[1], shape[2]] as const;
  const [allOwn, allOracle] = [meanOverSlots(ownValues, drawn), meanOverSlots(oracleValues, drawn)];
  const finite = (cloud: Cloud, i: number): boolean =>
    cloud.rows.subarray(i * cloud.width, (i + 1) * cloud.width).every(Number.isFinite);
  const keep = Array.from({ length: count }, (_, i) => i).filter(
    (i) => present(i) && finite(allOwn, i) && finite(allOracle, i),
  );
  if (keep.length < 2) return null;
  const [own, oracle] = [pick(allOwn, keep), pick(allOracle, keep)];
  const [ownUnit, oracleUnit] = [unit(own), unit(oracle)];
  const ownPairs: number[] = [];
  const oraclePairs: number[] = [];
  const right: number[] = [];
  const other: number[] = [];
  for (let i = 0; i < keep.length; i++) {
    for (let j = 0; j < keep.length; j++) {
      if (j < i) {
        ownPairs.push(dot(ownUnit, i, ownUnit, j));
        oraclePairs.push(dot(oracleUnit, i, oracleUnit, j));
      }
      (i === j ? right : other).push(dot(ownUnit, i, oracleUnit, j));
    }
  }
  const span = (...lists: number[][]): [number, number] => {
    const low = lists.reduce((least, list) => list.reduce((m, v) => Math.min(m, v), least), 1);
    return [Math.max(-1, Math.floor(low * 10) / 10), 1];
  };
  const [pairFrom, pairTo] = span(ownPairs, oraclePairs);
  const [rightFrom, rightTo] = span(right, other);
  return {
    n: keep.length,
    dropped: count - keep.length,
    available: shape[0],
    pairwise: {
      own: histogram(ownPairs, pairFrom, pairTo, BINS),
      oracle: histogram(oraclePairs, pairFrom, pairTo, BINS),
    },
    paired: {
      right: histogram(right, rightFrom, rightTo, BINS),
      other: histogram(other, rightFrom, rightTo, BINS),
    },
    projection: project(own, oracle),
  };
}
