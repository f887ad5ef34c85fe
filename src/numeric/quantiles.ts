/**
 * Quantile of sorted values by linear interpolation between order statistics (numpy's default).
 *
 * @param level - Cut off at 0 and 1.
 *
 * @example
 * quantile([1, 2, 3, 4], 0.5); // 2.5
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const at = Math.min(Math.max(level, 0), 1) * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/**
 * Upper median: always one of the values.
 *
 * @example
 * upperMedian([4, 1, 3, 2]); // 3
 */
export const upperMedian = (values: ArrayLike<number>): number =>
  Float64Array.from(values).sort()[values.length >> 1]!;
