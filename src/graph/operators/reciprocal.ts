import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

/** 1/x. d(1/x) = −dx/x². */
export const reciprocal = (x: Tensor): Tensor => apply(Reciprocal, [x]);

export const Reciprocal: Operator = {
  name: "Reciprocal",
  infer: inferSame,
  gradient: ({ outputs: [y], outputGradients: [g] }) => [neg(mul(g!, mul(y!, y!)))],
  cases: unaryCases(reciprocal, [0.5, 2]),
};
