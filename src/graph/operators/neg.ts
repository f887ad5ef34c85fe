import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";

/**
 * −x.
 *
 * @example
 * const g = createGraph("example");
 * neg(input(g, "x", "float32", ["N", 4])).shape; // ["N", 4]
 */
export const neg = (x: Tensor): Tensor => apply(Neg, [x]);

export const Neg: Operator = {
  name: "Neg",
  infer: inferSame,
  gradient: ({ outputGradients: [g] }) => [neg(g!)],
  cases: unaryCases(neg),
};
