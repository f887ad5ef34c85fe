import { dotAt } from "../numeric/index.ts";

/** Rows of features, [count × width], scaled so that a row has a squared length of a few. */
export interface Features {
  width: number;
  values: Float32Array;
  /** Products of the rows with each other (`productsOf`), kept from the first training on. */
  products?: Float64Array | null;
}

/** A row whose squared distance from the span of those before is below this share of its squared length adds nothing to it. */
const DEPENDENT = 1e-10;

/** Products of all rows with each other, [count × count]; null where the rows are no fewer than their columns. */
export function productsOf({ width, values }: Features): Float64Array | null {
  const count = values.length / width;
  if (!(count < width)) return null;
  const wide = Float64Array.from(values);
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++)
      products[i * count + j] = products[j * count + i] = dotAt(wide, i * width, values, j * width, width);
  return products;
}

/**
 * All rows in coordinates of an orthonormal basis of the span of `taught`, [count × taught]. A linear model with an L2 penalty
 * that is trained on `taught` from zero by a method that knows nothing but inner products (L-BFGS) has its weights in this
 * span, so its scores are the same in these coordinates, which are fewer than the columns ("representer theorem", Schölkopf
 * et al. 2001). Cholesky factorization of the rows' products; rows that depend on others before them add no coordinate.
 *
 * @param products - Of all rows, from `productsOf`.
 * @example
 * // Rows [3, 0, 4] and [1, 0, 0] of three columns, the first one taught:
 * inSpanOf(Float64Array.of(25, 3, 3, 1), [0]).values; // Float32Array [5, 0.6]
 */
export function inSpanOf(products: Float64Array, taught: readonly number[]): Features {
  const count = Math.sqrt(products.length);
  const width = taught.length;
  const coordinates = new Float64Array(count * width);
  const values = new Float32Array(count * width);
  /** Coordinate k of every row, which needs those before it. */
  for (const [k, pivot] of taught.entries()) {
    const rest = (row: number): number => {
      let sum = products[pivot * count + row]!;
      for (let i = 0, a = pivot * width, b = row * width; i < k; i++)
        sum -= coordinates[a + i]! * coordinates[b + i]!;
      return sum;
    };
    const squared = rest(pivot);
    if (!(squared > DEPENDENT * products[pivot * count + pivot]!)) continue;
    const length = Math.sqrt(squared);
    for (let row = 0; row < count; row++) coordinates[row * width + k] = rest(row) / length;
  }
  values.set(coordinates);
  return { width, values };
}
