/** Rotary position embeddings: frequencies, and tables of cosines and sines. */
import type { TextConfig } from "../config/types.ts";

/** Rotary tables: one row of half a head per position. The second half of cos and sin equals the first. */
export interface RotaryTables {
  /** [positions, headDim / 2]. */
  cos: Float32Array;
  sin: Float32Array;
}

/**
 * 1 / θ^(2i/dim) for i below dim / 2, rounded to float32 at each step as in torch: angles reach thousands, so the last
 * bit matters.
 *
 * @example
 * inverseFrequencies(100, 4); // [1, 0.1]
 */
export function inverseFrequencies(theta: number, dim: number): Float32Array {
  return Float32Array.from(
    { length: dim / 2 },
    (_, i) => 1 / Math.fround(theta ** Math.fround((2 * i) / dim)),
  );
}

/** The axis that each frequency follows: 0 time, 1 vertical, 2 horizontal. */
function axisOfFrequency({ headDim, mropeSection, mropeInterleaved }: TextConfig): number[] {
  if (!mropeInterleaved) return mropeSection.flatMap((count, i) => Array<number>(count).fill(i));
  // 0 1 2 0 1 2 …; once the section of an axis is used up, time takes its turn
  return Array.from({ length: headDim / 2 }, (_, k) => (k < 3 * mropeSection[k % 3]! ? k % 3 : 0));
}

/**
 * A function from positions [3, n] to the decoder's rotary tables [n, headDim / 2]. The first mropeSection[0] frequencies
 * use the temporal position, the next the vertical, the last the horizontal one (`Qwen2_5_VLRotaryEmbedding` and
 * `apply_multimodal_rotary_pos_emb`), or they alternate (`apply_interleaved_mrope` of modeling_qwen3_vl.py). Cosines and
 * sines are cached per position.
 */
export function decoderRotary(config: TextConfig): (positions: ArrayLike<number>) => RotaryTables {
  const half = config.headDim / 2;
  const frequencies = inverseFrequencies(config.ropeTheta, config.headDim);
  const axis = axisOfFrequency(config);
  const known = new Map<number, { cos: Float32Array; sin: Float32Array }>();
  const at = (position: number) => {
    const old = known.get(position);
    if (old) return old;
    const angles = frequencies.map((f) => f * position); // rounded to float32 by the array, as in torch
    const made = { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
    known.set(position, made);
    return made;
  };
  return (positions) => {
    const n = positions.length / 3;
    const cos = new Float32Array(n * half);
    const sin = new Float32Array(n * half);
    for (let i = 0; i < n; i++) {
      const axes = [at(positions[i]!), at(positions[n + i]!), at(positions[2 * n + i]!)];
      for (let k = 0; k < half; k++) {
        const source = axes[axis[k]!]!;
        cos[i * half + k] = source.cos[k]!;
        sin[i * half + k] = source.sin[k]!;
      }
    }
    return { cos, sin };
  };
}
