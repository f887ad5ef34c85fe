import { z } from "zod";
import { add, detach, mul, reduceMean, scalar, sigmoid, sqrt, sub, type Tensor } from "../../graph/index.ts";
import { TINY } from "./cosine.ts";
import { defineLoss } from "./define.ts";

/** The side of `beta` is a step: steep enough, and both sides have the same value and slope at the step. */
const STEEP = 1e4;

function smoothL1Loss(a: Tensor, b: Tensor, beta: number): Tensor {
  const d = sub(a, b);
  const of = (value: number) => scalar(d, value);
  const square = mul(d, d);
  const inside = detach(sigmoid(mul(sub(of(beta * beta), square), of(STEEP))));
  const near = mul(square, of(0.5 / beta));
  const far = sub(sqrt(add(square, of(TINY))), of(0.5 * beta));
  const loss = add(mul(inside, near), mul(sub(of(1), inside), far));
  return reduceMean(
    loss,
    loss.shape.map((_, i) => i),
  );
}

/** Half of the square up to `beta`, then linear (Huber / beta, as PyTorch's SmoothL1Loss). */
export const smoothL1 = defineLoss({
  kind: "smooth-l1",
  options: { beta: z.number().positive() },
  loss: ({ predicted, wanted }, { beta }) => smoothL1Loss(predicted(), wanted(), beta),
});
