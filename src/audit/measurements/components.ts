import {
  centered,
  cholesky,
  dot,
  type Matrix,
  rowProducts,
  selectRows,
  solveCholesky,
  sum,
  symmetricEigenvalues,
} from "../../numeric/index.ts";
import { finite, known, type Measured, unknown } from "../../statistics/index.ts";
import { centeredGram, flaw, MOST_ROWS, sampleRows } from "./matrix.ts";

/** Shares of the variance to report. */
const SHARES = { rank90: 0.9, rank95: 0.95, rank99: 0.99 } as const;

type Components = Record<keyof typeof SHARES, number>;

/**
 * How many principal components hold 90, 95 and 99 % of the variance of the centered latents.
 *
 * @param x - [n, D].
 * @returns null with a reason for n < 2, values that are not finite, or vectors that are all equal.
 *
 * Source: ReaLVR (Rank90/95/99); docs/published-families.md §15.6.
 *
 * @example
 * components(matrix([1, 0, -1, 0, 0, 1, 0, -1], 4, 2)).value; // { rank90: 2, rank95: 2, rank99: 2 }
 */
export function components(x: Matrix): Measured<Components> {
  const gram = centeredGram(x);
  if (typeof gram === "string") return unknown(gram);
  const values = symmetricEigenvalues(gram.values, gram.size).map((value) => Math.max(0, value));
  const total = sum(values);
  const least = (share: number): number => {
    let sum = 0;
    // Rounding must not ask for a component of nothing.
    const needed = share * total * (1 - 1e-12);
    return (
      values.findIndex((value) => {
        sum += value;
        return sum >= needed;
      }) + 1
    );
  };
  return known(
    Object.fromEntries(Object.entries(SHARES).map(([name, share]) => [name, least(share)])) as Components,
  );
}

/**
 * Mean pairwise cosine after centring and whitening by the shrunk covariance (Ledoit & Wolf 2004): in units in which every
 * direction varies alike, so that a few large dimensions cannot make all vectors look the same. −1 / (n − 1) is its value
 * without structure. Above 512 rows, of a sample of 512.
 *
 * @param x - [n, D].
 * @returns null with a reason as `centeredPairwiseCosine`.
 *
 * Source: ReaLVR (whitened cosine; without its formula, so the shrinkage is ours); docs/published-families.md §15.6.
 *
 * @example
 * whitenedPairwiseCosine(matrix([9, 1, 9, -1, -9, 1, -9, -1], 4, 2)).value; // -1 / 3: as without structure
 */
export function whitenedPairwiseCosine(x: Matrix): Measured<number> {
  const wrong = flaw(x);
  if (wrong !== null) return unknown(wrong);
  const moved = centered(x.n > MOST_ROWS ? selectRows(x, sampleRows(x)) : x);
  if (moved === null) return unknown(`all ${x.n} vectors are equal`);
  const { n, d } = moved;
  const gram = rowProducts(moved);
  const squared = Array.from({ length: n }, (_, i) => gram[i * n + i]!);
  const mu = sum(squared) / n / d;
  const frobenius = dot(gram, gram) / n ** 2;
  const spread = frobenius - d * mu ** 2;
  const error = (dot(squared, squared) - n * frobenius) / n ** 2;
  const shrinkage = Math.min(1, Math.max(1e-6, spread > 0 ? error / spread : 1));
  const [a, b] = [(1 - shrinkage) / n, shrinkage * mu];
  // X (a XᵀX + b)⁻¹ Xᵀ = G (aG + b)⁻¹ = (1 − b (aG + b)⁻¹) / a, G = XXᵀ; with a = 0 it is G / b.
  const inner = a === 0 ? gram.map((value) => value / b) : insideMetric(gram, n, a, b);
  let total = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) total += inner[i * n + j]! / Math.sqrt(inner[i * n + i]! * inner[j * n + j]!);
  return finite((2 * total) / (n * (n - 1)), "whitened pairwise cosine");
}

/** (1 − b (aG + b)⁻¹) / a for a symmetric G [n, n]. */
function insideMetric(gram: Float64Array, n: number, a: number, b: number): Float64Array {
  const factor = cholesky(
    gram.map((value, i) => a * value + (i % (n + 1) === 0 ? b : 0)),
    n,
  );
  const inverse = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  solveCholesky(factor, n, inverse, n);
  return inverse.map((value, i) => ((i % (n + 1) === 0 ? 1 : 0) - b * value) / a);
}
