import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";

/** −x. */
export const neg = (x: Tensor): Tensor => apply(Neg, [x]);

export const Neg: Operator = {
  name: "Neg",
  infer: inferSame,
  gradient: ({ outputGradients: [g] }) => [neg(g!)],
  cases: unaryCases(neg),
};
