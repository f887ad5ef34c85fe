import { type Matrix, rowDot } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { pairFlaw } from "./matrix.ts";

/**
 * Mean cosine between each own latent and its oracle.
 *
 * A verdict never rests on it: PRISM (arXiv 2606.05753) finds cosine to the target negatively correlated with accuracy.
 *
 * @param own - [n, D]. @param oracle - [n, D], row i the oracle of row i.
 * @returns null with a reason for fewer than 2 rows, values that are not finite, or a zero vector.
 *
 * Source: arXiv 2605.18445, analysis of alignment with the oracle; docs/published-families.md §15.6.
 *
 * @example
 * pairedCosine(matrix([1, 0, 0, 2], 2, 2), matrix([3, 0, 2, 0], 2, 2)).value; // 0.5
 */
export function pairedCosine(own: Matrix, oracle: Matrix): Measured<number> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  let sum = 0;
  let zeros = 0;
  for (let i = 0; i < own.n; i++) {
    const norms = Math.sqrt(rowDot(own, i, own, i)) * Math.sqrt(rowDot(oracle, i, oracle, i));
    if (norms === 0) zeros++;
    else sum += rowDot(own, i, oracle, i) / norms;
  }
  if (zeros > 0) return unknown(`${zeros} of ${own.n} pairs ${zeros === 1 ? "has" : "have"} a zero vector`);
  return finite(sum / own.n, "own–oracle cosine");
}

/**
 * Mean squared error between own latents and oracles, averaged over dimensions: the training loss of the latents.
 *
 * @param own - [n, D]. @param oracle - [n, D].
 * @returns null with a reason for fewer than 2 rows or values that are not finite.
 *
 * Source: arXiv 2603.25629 (the loss); docs/science.md "Collapse".
 *
 * @example
 * pairedMse(matrix([1, 0, 0, 2], 2, 2), matrix([1, 0, 0, 0], 2, 2)).value; // 1
 */
export function pairedMse(own: Matrix, oracle: Matrix): Measured<number> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  let sum = 0;
  for (let k = 0; k < own.values.length; k++) sum += (own.values[k]! - oracle.values[k]!) ** 2;
  return finite(sum / own.values.length, "own–oracle MSE");
}
