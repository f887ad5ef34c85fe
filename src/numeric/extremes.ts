/** Largest and smallest of any number of values: `Math.max(...values)` overflows the stack beyond some 120,000. */

/**
 * The largest value, and at least `floor` (−∞ unless given); NaN where one value is NaN.
 *
 * @example
 * largest([1, 3, 2]); // 3
 */
export function largest(values: Iterable<number>, floor = Number.NEGATIVE_INFINITY): number {
  let most = floor;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/**
 * The smallest value, and at most `ceiling` (∞ unless given); NaN where one value is NaN.
 *
 * @example
 * smallest([2, 1, 3]); // 1
 */
export function smallest(values: Iterable<number>, ceiling = Number.POSITIVE_INFINITY): number {
  let least = ceiling;
  for (const value of values) least = Math.min(least, value);
  return least;
}
