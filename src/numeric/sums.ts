/**
 * Sum from the first value to the last; 0 of none.
 *
 * @example
 * sum([1, 2, 3]); // 6
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * Arithmetic mean; NaN of no values.
 *
 * @example
 * mean([1, 2, 6]); // 3
 */
export const mean = (values: ArrayLike<number> & Iterable<number>): number => sum(values) / values.length;

/**
 * Scalar product of two vectors of equal length.
 *
 * @example
 * dot([1, 2], [3, 4]); // 11
 */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

/**
 * Cosine of two vectors of equal length; NaN where one has no direction.
 *
 * @example
 * cosine([3, 4], [4, 3]); // 0.96
 */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, one, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    one += a[i]! ** 2;
    other += b[i]! ** 2;
  }
  return one > 0 && other > 0 ? product / Math.sqrt(one * other) : Number.NaN;
}
