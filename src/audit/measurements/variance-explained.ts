import { centered, type Matrix } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { pairFlaw } from "./matrix.ts";

/**
 * Share of oracle variance that the own latents explain as they are: R² = 1 − Σ‖v − z‖² / Σ‖v − v̄‖². 1 is a perfect
 * copy, 0 no better than always writing the mean oracle, below 0 worse than that.
 *
 * Direct, without a fitted map: the slots are fed back as they are, so a linear relation that nothing applies would not
 * help the model. (`linearCka` sees such relations.)
 *
 * @param own - z, [n, D]. @param oracle - v, [n, D].
 * @returns null with a reason for fewer than 2 rows, values that are not finite, or oracles that are all equal.
 *
 * Source: docs/science.md "Collapse" (R²).
 *
 * @example
 * varianceExplained(matrix([2, 2], 2, 1), matrix([1, 3], 2, 1)).value; // 0: the mean, twice
 */
export function varianceExplained(own: Matrix, oracle: Matrix): Measured<number> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  const moved = centered(oracle);
  if (moved === null) return unknown("all oracles are equal");
  let missed = 0;
  for (let k = 0; k < own.values.length; k++) missed += (oracle.values[k]! - own.values[k]!) ** 2;
  return finite(1 - missed / moved.squares, "variance explained");
}
