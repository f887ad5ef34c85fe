import { cholesky, largest, sum } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { MOST_ROWS } from "./matrix.ts";

/** Where own latents lie: how far a vector is from them, in a given slot. */
export interface OwnDistribution {
  /** Mahalanobis distance of `vector` [D] to the own latents in slot `slot`. */
  distance(vector: ArrayLike<number>, slot: number): number;
  /** Share of the covariance that is replaced by a multiple of the identity. */
  shrinkage: number;
}

/** xᵀ A⁻¹ x from the factor of A: the squared norm of L⁻¹x. */
function inverseForm(factor: Float64Array, x: ArrayLike<number>): number {
  const n = x.length;
  const y = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * y[k]!;
    y[i] = sum / factor[i * n + i]!;
    total += y[i]! ** 2;
  }
  return total;
}

/** [n, n] products of all rows (or, `columns`, of all columns) of x [rows, width]. */
function gram(x: readonly Float64Array[], width: number, columns: boolean): Float64Array {
  const n = columns ? width : x.length;
  const out = new Float64Array(n * n);
  if (columns) {
    for (const row of x)
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[i * n + j]! += row[i]! * row[j]!;
  } else {
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += x[i]![k]! * x[j]![k]!;
        out[i * n + j] = sum;
      }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j]!;
  return out;
}

/** At most `MOST_ROWS` of them, spread evenly. */
const spread = <T>(rows: readonly T[]): readonly T[] =>
  rows.length <= MOST_ROWS
    ? rows
    : Array.from({ length: MOST_ROWS }, (_, i) => rows[Math.floor((i * rows.length) / MOST_ROWS)]!);

/**
 * The distribution of own latents: a mean per slot and one covariance of the deviations from it, over all slots,
 * shrunk towards a multiple of the identity (Ledoit & Wolf 2004), so that it can be inverted with fewer examples than
 * dimensions. At most 512 slots enter the covariance.
 *
 * @param blocks - Own latents [K·D], any number of blocks of any number of examples.
 *
 * Unknown: fewer than 2 blocks, and latents that do not vary.
 *
 * @example
 * const blocks = [[1, 0], [-1, 0], [0, 1], [0, -1]].map((z) => Float32Array.from(z));
 * ownDistribution(blocks, 2).value.distance([1, 0], 0); // 1.414…: the variance is 0.5
 */
export function ownDistribution(blocks: readonly Float32Array[], width: number): Measured<OwnDistribution> {
  const finite = blocks.filter((z) => z.every(Number.isFinite));
  if (finite.length < 2) return unknown(`${finite.length} own blocks; a distribution needs 2`);
  const slots = largest(finite.map((z) => z.length / width));
  const means = Array.from({ length: slots }, (_, k) => {
    const mean = new Float64Array(width);
    const there = finite.filter((z) => z.length > k * width);
    for (const z of there) for (let j = 0; j < width; j++) mean[j]! += z[k * width + j]! / there.length;
    return mean;
  });
  const rows = spread(
    finite.flatMap((z) => Array.from({ length: z.length / width }, (_, k) => ({ z, k }))),
  ).map(({ z, k }) => Float64Array.from(means[k]!, (mean, j) => z[k * width + j]! - mean));
  const n = rows.length;
  const squared = rows.map((row) => row.reduce((sum, x) => sum + x * x, 0));
  const mu = sum(squared) / n / width;
  if (!(mu > 0)) return unknown("own latents do not vary");
  const primal = width <= n;
  const products = gram(rows, width, primal);
  const frobenius = products.reduce((sum, x) => sum + x * x, 0) / n ** 2;
  const spreadOfS = frobenius - width * mu ** 2;
  const error = (squared.reduce((sum, x) => sum + x * x, 0) - n * frobenius) / n ** 2;
  const shrinkage = Math.min(1, Math.max(1e-6, spreadOfS > 0 ? error / spreadOfS : 1));
  const [a, b] = [1 - shrinkage, shrinkage * mu];
  const centered = (vector: ArrayLike<number>, slot: number): Float64Array => {
    const out = means[Math.min(slot, slots - 1)]!.slice();
    for (let j = 0; j < width; j++) out[j] = vector[j]! - out[j]!;
    return out;
  };
  if (primal) {
    const covariance = products.map((x, i) => (a * x) / n + (i % (width + 1) === 0 ? b : 0));
    const factor = cholesky(covariance, width);
    return known({
      shrinkage,
      distance: (vector, slot) => Math.sqrt(inverseForm(factor, centered(vector, slot))),
    });
  }
  if (a === 0) {
    return known({
      shrinkage,
      distance: (vector, slot) => Math.hypot(...centered(vector, slot)) / Math.sqrt(mu),
    });
  }
  // Fewer vectors than dimensions: Woodbury, with a matrix of the vectors' products instead of the covariance.
  const factor = cholesky(
    products.map((x, i) => x + (i % (n + 1) === 0 ? (n * b) / a : 0)),
    n,
  );
  return known({
    shrinkage,
    distance: (vector, slot) => {
      const y = centered(vector, slot);
      const u = rows.map((row) => row.reduce((sum, x, j) => sum + x * y[j]!, 0));
      const total = y.reduce((sum, x) => sum + x * x, 0) - inverseForm(factor, u);
      return Math.sqrt(Math.max(0, total) / b);
    },
  });
}
