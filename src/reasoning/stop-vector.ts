/** Blocks that end near a learned vector (LVR). */
import type { StopRules } from "../families/index.ts";
import type { WeightValues } from "../qwen/index.ts";
import { checkpointTensor } from "./latent-heads/index.ts";

/**
 * The vector near which blocks end.
 *
 * Errors: "checkpoint" where it is missing.
 *
 * @example
 * const end = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
 * stopVectorOf({ tensor: "end", distance: "mse", below: 0.02 }, { end }, 2); // Float32Array [1, 2]
 */
export const stopVectorOf = ({ tensor }: StopRules, weights: WeightValues, width: number): Float32Array =>
  checkpointTensor(weights, tensor, width).data as Float32Array;

/** Whether a vector is near the one that ends blocks. */
export function isNear({ distance, below }: StopRules, vector: Float32Array, end: Float32Array): boolean {
  let [sum, dot, a, b] = [0, 0, 0, 0];
  for (let i = 0; i < vector.length; i++) {
    const [x, y] = [vector[i]!, end[i]!];
    sum += distance === "mae" ? Math.abs(x - y) : (x - y) ** 2;
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  if (distance !== "cosine") return sum / vector.length < below;
  return 1 - dot / Math.max(Math.sqrt(a * b), 1e-8) < below;
}
