/** Which option a latent looks like: nearest by cosine, after the mean of the options' own features is taken off. */

export interface LookAlike {
  /** Index of the option. */
  option: number;
  /** How much nearer it is than the next: difference of the two cosines. */
  margin: number;
  /** The same by the plain cosine of whole blocks, as WM-VLM publishes it; absent where blocks have other lengths. */
  flat?: { option: number; margin: number };
}

function meanOver(block: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width);
  for (const [i, value] of block.entries()) out[i % width]! += (value * width) / block.length;
  return out;
}

/** The nearest and how much nearer it is than the next; null where a vector has no direction. */
function nearest(
  z: ArrayLike<number>,
  options: readonly { option: number; vector: ArrayLike<number> }[],
): { option: number; margin: number } | null {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
    return sum;
  };
  const scored = options
    .map(({ option, vector }) => {
      const size = Math.sqrt(dot(z, z) * dot(vector, vector));
      return { option, cosine: size > 0 ? dot(z, vector) / size : Number.NaN };
    })
    .sort((a, b) => b.cosine - a.cosine);
  if (!scored.every(({ cosine }) => Number.isFinite(cosine))) return null;
  return { option: scored[0]!.option, margin: scored[0]!.cosine - scored[1]!.cosine };
}

/**
 * The option whose own features a block is most like, by the means over slots; null where fewer than two options have
 * features, one of these or the block has no direction, or the block is not finite.
 *
 * @param block - [K·D]. @param options - Features [K·D] of each option, null for one that has none.
 *
 * Source: docs/published-families.md §19.3 (4). Taking the common mean off is ours: raw cosines are inflated by it (§15.6).
 * `flat`: `option_scores` of WM-VLM's evaluate_wm_vlm_matched_retrieval.py (commit 7c61619).
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
    features && features.length > 0 ? [{ option, features, vector: meanOver(features, width) }] : [],
  );
  if (known.length < 2 || block.length === 0 || !block.every(Number.isFinite)) return null;
  const center = Float64Array.from(
    { length: width },
    (_, d) => known.reduce((sum, { vector }) => sum + vector[d]!, 0) / known.length,
  );
  const centered = (x: Float64Array): Float64Array => x.map((value, d) => value - center[d]!);
  const found = nearest(
    centered(meanOver(block, width)),
    known.map(({ option, vector }) => ({ option, vector: centered(vector) })),
  );
  if (found === null) return null;
  const flat = known.every(({ features }) => features.length === block.length)
    ? nearest(
        block,
        known.map(({ option, features }) => ({ option, vector: features })),
      )
    : null;
  return { ...found, ...(flat && { flat }) };
}
