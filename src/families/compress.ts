import { ensure } from "../util/index.ts";

/**
 * Means of k equal consecutive groups of feature rows in raster order; trailing rows are dropped so that k divides them
 * (LanteRn, `src/models/utils.py`; docs/science.md "Oracle compression"). k = −1 keeps every row.
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

/**
 * The rows themselves if there are at most k, else `groupMeans`: for families without pooling (LVR, SwimBird).
 *
 * @example
 * rowsOrGroupMeans(Float32Array.of(1, 2, 3, 4), 2, 8); // Float32Array [1, 2, 3, 4]
 */
export const rowsOrGroupMeans = (features: Float32Array, width: number, k: number): Float32Array =>
  k > 0 && features.length <= k * width ? features.slice() : groupMeans(features, width, k);

/** Maximum number of candidate rows (ILVR's `image_pool_k`). */
const CANDIDATES = 256;
/** Softmax mass to cover (ILVR's `coverage_p`). */
const COVERAGE = 0.9;

/**
 * ILVR's selection (`src/trainer.py` `_teacher_build_latents`, `_top_p_top_k`): the candidates nearest to a query by
 * cosine, in that order, until they cover 0.9 of the softmax over cosines, at most k.
 *
 * @example
 * nearestRows(Float32Array.of(1, 0, 0, 1), 2, 1, Float32Array.of(0, 1)); // Float32Array [0, 1]
 */
export function nearestRows(
  features: Float32Array,
  width: number,
  k: number,
  query?: Float32Array,
): Float32Array {
  const rows = features.length / width;
  const candidates = rows >= CANDIDATES ? groupMeans(features, width, CANDIDATES) : features;
  if (query === undefined) return groupMeans(features, width, Math.min(k, rows));
  const norm = Math.hypot(...query);
  const count = candidates.length / width;
  const cosines = Array.from({ length: count }, (_, i) => {
    let [dot, square] = [0, 0];
    for (let d = 0; d < width; d++) {
      const x = candidates[i * width + d]!;
      dot += x * query[d]!;
      square += x * x;
    }
    return dot / Math.max(Math.sqrt(square) * norm, 1e-8);
  });
  const total = cosines.reduce((sum, c) => sum + Math.exp(c), 0);
  // stable: ties keep raster order
  const order = cosines.map((_, i) => i).sort((a, b) => cosines[b]! - cosines[a]!);
  const chosen: number[] = [];
  let covered = 0;
  for (const i of order) {
    if (chosen.length >= k || covered >= COVERAGE) break;
    chosen.push(i);
    covered += Math.exp(cosines[i]!) / total;
  }
  const out = new Float32Array(chosen.length * width);
  for (const [at, i] of chosen.entries())
    out.set(candidates.subarray(i * width, (i + 1) * width), at * width);
  return out;
}
