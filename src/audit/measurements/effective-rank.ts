import { type Matrix, sum, symmetricEigenvalues } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { centeredGram } from "./matrix.ts";

/**
 * Effective rank exp(H(σ / Σσ)) of the centered latents, σ their singular values: how many directions they fill, between
 * 1 and min(n − 1, D).
 *
 * @param x - [n, D].
 * @returns null with a reason for n < 2, values that are not finite, or vectors that are all equal.
 *
 * Source: Roy & Vetterli 2007; docs/science.md "Collapse".
 *
 * @example
 * effectiveRank(matrix([1, 0, -1, 0, 0, 1, 0, -1], 4, 2)).value; // 2
 */
export function effectiveRank(x: Matrix): Measured<number> {
  const gram = centeredGram(x);
  if (typeof gram === "string") return unknown(gram);
  const squares = symmetricEigenvalues(gram.values, gram.size);
  // Squaring the matrix leaves rounding error where a singular value is 0; its root would count as a direction.
  const noise = squares[0]! * Math.max(x.n, x.d) * Number.EPSILON;
  const singular = squares.map((square) => (square > noise ? Math.sqrt(square) : 0));
  const total = sum(singular);
  const entropy = singular.reduce((sum, value) => {
    const share = value / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return finite(Math.exp(entropy), "effective rank");
}

/**
 * Participation ratio (Σλ)² / Σλ² of the centered latents, λ the eigenvalues of their covariance.
 *
 * @param x - [n, D].
 * @returns null with a reason for n < 2, values that are not finite, or vectors that are all equal.
 *
 * Source: docs/published-families.md §15.6.
 *
 * @example
 * participationRatio(matrix([1, 0, -1, 0, 0, 1, 0, -1], 4, 2)).value; // 2
 */
export function participationRatio(x: Matrix): Measured<number> {
  const gram = centeredGram(x);
  if (typeof gram === "string") return unknown(gram);
  // Trace and Frobenius norm give both sums without the eigenvalues.
  let trace = 0;
  for (let i = 0; i < gram.size; i++) trace += gram.values[i * gram.size + i]!;
  const squares = gram.values.reduce((total, value) => total + value * value, 0);
  return finite((trace * trace) / squares, "participation ratio");
}
