/** Means and scales of training oracles. */

/** Scales are at least this share of the quadratic mean deviation, so that elements that hardly vary are not blown up. */
const LEAST_SCALE = 0.05;

/**
 * Mean and standard deviation of each column, the latter at least a twentieth of their quadratic mean.
 *
 * @example
 * moments(Float32Array.of(1, 5, 3, 5), 2).mean; // Float64Array [2, 5]
 */
export function moments(rows: Float32Array, width: number): { mean: Float64Array; scale: Float64Array } {
  const n = rows.length / width;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / n;
  for (let i = 0; i < rows.length; i++) scale[i % width]! += (rows[i]! - mean[i % width]!) ** 2 / n;
  const total = Math.sqrt(scale.reduce((a, b) => a + b, 0) / width) || 1;
  for (let d = 0; d < width; d++) scale[d] = Math.max(Math.sqrt(scale[d]!), LEAST_SCALE * total);
  return { mean, scale };
}
