/** Whitening by the Cholesky factor of the covariance. */
import { cholesky, solveLower } from "../../numeric/index.ts";

/** Added to the diagonal, as a share of the mean variance: directions without variance are not blown up. */
const RIDGE = 0.01;

/**
 * Lower triangular matrices [width, width] that make the covariance of rows the identity, and back: y = (x − mean)·Wᵀ,
 * x = y·Cᵀ + mean.
 */
export function whitening(
  rows: Float32Array,
  width: number,
  mean: ArrayLike<number>,
): { whiten: Float64Array; coloring: Float64Array } {
  const n = rows.length / width;
  const coloring = new Float64Array(width * width);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < width; a++) {
      const x = (rows[i * width + a]! - mean[a]!) / n;
      for (let b = 0; b <= a; b++) coloring[a * width + b]! += x * (rows[i * width + b]! - mean[b]!);
    }
  }
  let trace = 0;
  for (let a = 0; a < width; a++) trace += coloring[a * width + a]!;
  for (let a = 0; a < width; a++) coloring[a * width + a]! += (RIDGE * trace) / width || RIDGE;
  cholesky(coloring, width);
  const whiten = Float64Array.from({ length: width * width }, (_, i) => Number(i % (width + 1) === 0));
  solveLower(coloring, width, whiten, width);
  return { whiten, coloring };
}
