/** Which option a latent looks like: nearest by cosine, after the mean of the options' own features is taken off. */

export interface LookAlike {
  /** Index of the option. */
  option: number;
  /** How much nearer it is than the next: difference of the two cosines. */
  margin: number;
}

function meanOver(block: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width);
  for (const [i, value] of block.entries()) out[i % width]! += (value * width) / block.length;
  return out;
}

/**
 * The option whose own features a block is most like, by the means over slots; null where fewer than two options have
 * features, one of these or the block has no direction, or the block is not finite.
 *
 * @param block - [K·D]. @param options - Features [K·D] of each option, null for one that has none.
 *
 * Source: docs/published-families.md §19.3 (4). Taking the common mean off is ours: raw cosines are inflated by it (§15.6).
 *
 * @example
 * lookAlike(Float32Array.of(3, 1), [Float32Array.of(1, 0), Float32Array.of(0, 1)], 2)?.option; // 0
 */
export function lookAlike(
  block: Float32Array,
  options: readonly (Float32Array | null)[],
  width: number,
): LookAlike | null {
  const known = options.flatMap((features, option) =>
    features && features.length > 0 ? [{ option, mean: meanOver(features, width) }] : [],
  );
  if (known.length < 2 || block.length === 0 || !block.every(Number.isFinite)) return null;
  const center = Float64Array.from(
    { length: width },
    (_, d) => known.reduce((sum, { mean }) => sum + mean[d]!, 0) / known.length,
  );
  const centered = (x: Float64Array): Float64Array => x.map((value, d) => value - center[d]!);
  const z = centered(meanOver(block, width));
  const scored = known
    .map(({ option, mean }) => {
      const f = centered(mean);
      const size = Math.hypot(...z) * Math.hypot(...f);
      return { option, cosine: size > 0 ? f.reduce((sum, x, d) => sum + x * z[d]!, 0) / size : Number.NaN };
    })
    .sort((a, b) => b.cosine - a.cosine);
  if (!scored.every(({ cosine }) => Number.isFinite(cosine))) return null;
  return { option: scored[0]!.option, margin: scored[0]!.cosine - scored[1]!.cosine };
}
