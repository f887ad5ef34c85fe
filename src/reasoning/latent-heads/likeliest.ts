import { add, detach, mul, scalar, softmax, sub, type Tensor } from "../../graph/index.ts";

/** So steep that the larger of two logits that differ by a millionth takes all. */
const STEEP = 1e7;

/**
 * One-hot weights of the largest of the last axis's logits, with the gradient of their softmax (straight-through estimator,
 * arXiv 1308.3432).
 */
export function oneHotOfLargest(logits: Tensor): Tensor {
  const soft = softmax(logits);
  const hard = softmax(mul(detach(logits), scalar(logits, STEEP)));
  return add(soft, sub(hard, detach(soft)));
}
