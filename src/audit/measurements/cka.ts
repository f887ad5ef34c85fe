import { centered, type Matrix, rowProducts, selectRows } from "../../numeric/index.ts";
import { finite, type Measured, unknown } from "../../statistics/index.ts";
import { MOST_ROWS, pairFlaw, sampleRows } from "./matrix.ts";

/** ‖XᵀY‖² = Σᵢⱼ (XXᵀ)ᵢⱼ (YYᵀ)ᵢⱼ for two matrices and, by the same sums, each with itself: [xy, xx, yy]. */
function squares(x: Matrix, y: Matrix): [number, number, number] {
  if (x.n <= Math.max(x.d, y.d)) {
    const a = rowProducts(x);
    const b = rowProducts(y);
    const sum = (p: Float64Array, q: Float64Array): number =>
      p.reduce((total, value, i) => total + value * q[i]!, 0);
    return [sum(a, b), sum(a, a), sum(b, b)];
  }
  return [crossSquare(x, y), crossSquare(x, x), crossSquare(y, y)];
}

/** ‖XᵀY‖² where the rows outnumber the columns. */
function crossSquare(x: Matrix, y: Matrix): number {
  const cross = new Float64Array(x.d * y.d);
  for (let row = 0; row < x.n; row++)
    for (let i = 0; i < x.d; i++) {
      const left = x.values[row * x.d + i]!;
      for (let j = 0; j < y.d; j++) cross[i * y.d + j]! += left * y.values[row * y.d + j]!;
    }
  return cross.reduce((sum, value) => sum + value * value, 0);
}

/**
 * Linear centered kernel alignment of own latents and oracles: 1 when one is a rotated, scaled copy of the other.
 *
 * The plain estimator, which is biased upwards when n is not much larger than D: read it beside the same number for
 * another model, not against 0. With more than 512 rows and columns, over a sample of 512 rows.
 *
 * @param own - [n, D]. @param oracle - [n, D′]; the widths may differ.
 * @returns null with a reason for fewer than 2 rows, values that are not finite, or vectors that are all equal.
 *
 * Source: Kornblith et al. 2019, arXiv 1905.00414, §3.
 *
 * @example
 * linearCka(matrix([1, 2, 4], 3, 1), matrix([-2, -4, -8], 3, 1)).value; // 1
 */
export function linearCka(own: Matrix, oracle: Matrix): Measured<number> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  const many = Math.min(own.n, Math.max(own.d, oracle.d)) > MOST_ROWS;
  const rows = many ? sampleRows(oracle) : null;
  const x = centered(rows === null ? own : selectRows(own, rows));
  const y = centered(rows === null ? oracle : selectRows(oracle, rows));
  if (x === null) return unknown("all own latents are equal");
  if (y === null) return unknown("all oracles are equal");
  const [both, own2, oracle2] = squares(x, y);
  return finite(both / Math.sqrt(own2 * oracle2), "linear CKA");
}
