import { centered, type Matrix, unitRows } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { flaw } from "./matrix.ts";

/** Mean of cos(uᵢ, uⱼ) over i < j, in one pass: ‖Σu‖² counts every pair twice and every row once. */
function meanCosine(x: Matrix): Measured<number> {
  const { unit, zeros } = unitRows(x);
  if (unit === null)
    return unknown(`${zeros} of ${x.n} vectors ${zeros === 1 ? "has" : "have"} no direction`);
  const sum = new Float64Array(x.d);
  for (let i = 0; i < x.n; i++) for (let j = 0; j < x.d; j++) sum[j]! += unit.values[i * x.d + j]!;
  const square = sum.reduce((total, value) => total + value * value, 0);
  return finite((square - x.n) / (x.n * (x.n - 1)), "pairwise cosine");
}

/**
 * Mean cosine between the latents of different examples: 1 when they have collapsed onto one direction.
 *
 * @param x - [n, D], one latent (or mean over slots) per example.
 * @returns null with a reason for n < 2, values that are not finite, or a zero vector.
 *
 * Source: arXiv 2605.18445, analysis of latent collapse; docs/published-families.md §15.6.
 *
 * @example
 * pairwiseCosine(matrix([1, 0, 0, 1], 2, 2)).value; // 0
 */
export function pairwiseCosine(x: Matrix): Measured<number> {
  const reason = flaw(x);
  return reason === null ? meanCosine(x) : unknown(reason);
}

/**
 * The same after subtracting the common mean, which inflates the raw value. −1 / (n − 1) is its mean for directions
 * without structure.
 *
 * @param x - [n, D].
 * @returns null with a reason for n < 2, values that are not finite, or vectors that are all equal.
 *
 * Source: docs/published-families.md §15.6 ("always print the centered version").
 *
 * @example
 * centeredPairwiseCosine(matrix([5, 1, 5, -1], 2, 2)).value; // −1
 */
export function centeredPairwiseCosine(x: Matrix): Measured<number> {
  const reason = flaw(x);
  if (reason !== null) return unknown(reason);
  const moved = centered(x);
  return moved === null ? unknown(`all ${x.n} vectors are equal`) : meanCosine(moved);
}
