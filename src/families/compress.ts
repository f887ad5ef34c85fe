import { ensure } from "../util/index.ts";

/**
 * Mean of k equal consecutive groups of feature rows, in raster order, the tail dropped so that k divides them
 * (LanteRn, `src/models/utils.py`; SCIENCE.md "Oracle compression"). k = −1 keeps every row.
 *
 * @example
 * groupMeans(Float32Array.of(1, 3, 5, 7, 9), 1, 2); // Float32Array [2, 6]
 */
export function groupMeans(features: Float32Array, width: number, k: number): Float32Array {
  const n = features.length / width;
  if (k === -1) return features.slice();
  const group = Math.floor(n / k);
  ensure(group >= 1, "dataset", () => ({
    where: "oracle latents of a helper image",
    expected: `at least ${k} feature rows, one per latent`,
    got: `${n}`,
    attempt: "a larger helper image, a larger min_pixels, or fewer latents per block",
  }));
  const out = new Float32Array(k * width);
  for (let j = 0; j < k; j++) {
    for (let d = 0; d < width; d++) {
      let sum = 0;
      for (let i = 0; i < group; i++) sum += features[(j * group + i) * width + d]!;
      out[j * width + d] = sum / group;
    }
  }
  return out;
}
