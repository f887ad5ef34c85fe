/** The likeliest ids of logits. */
import { largest } from "../../numeric/index.ts";
import type { Likely } from "./types.ts";

/**
 * The `count` likeliest ids of rows of logits [N, V], the first of equals before the others, with their probabilities.
 *
 * @example
 * likeliestOf(Float32Array.of(0, Math.log(3), 0, 0), 4, 1); // [[{ id: 1, probability: 0.5 }]]
 */
export function likeliestOf(logits: Float32Array, vocabSize: number, count: number): Likely[][] {
  return Array.from({ length: logits.length / vocabSize }, (_, n) => {
    const of = logits.subarray(n * vocabSize, (n + 1) * vocabSize);
    const top = largest(of);
    const total = of.reduce((all, x) => all + Math.exp(x - top), 0);
    const best: number[] = [];
    for (let id = 0; id < vocabSize; id++) {
      if (best.length === count && of[id]! <= of[best.at(-1)!]!) continue;
      best.push(id);
      best.sort((a, b) => of[b]! - of[a]! || a - b);
      best.length = Math.min(best.length, count);
    }
    return best.map((id) => ({ id, probability: Math.exp(of[id]! - top) / total }));
  });
}
