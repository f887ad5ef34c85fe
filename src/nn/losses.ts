/** Losses as scalar graph tensors. */
import { gatherND, logSoftmax, mul, neg, reduceMean, sub, type Tensor } from "../graph/index.ts";

/**
 * Mean negative log-likelihood of `targets` int64 [S, 2] (pairs of row and class) under `logits` [S, V].
 * Equals PyTorch's `cross_entropy` with reduction "mean".
 */
export const crossEntropy = (logits: Tensor, targets: Tensor): Tensor =>
  neg(reduceMean(gatherND(logSoftmax(logits), targets), [0]));

/**
 * Mean squared difference over all elements.
 */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  const d = sub(prediction, target);
  return reduceMean(
    mul(d, d),
    prediction.shape.map((_, i) => i),
  );
}
