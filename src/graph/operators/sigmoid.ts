import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

/** 1/(1+e⁻ˣ). d = σ(1−σ). */
export const sigmoid = (x: Tensor): Tensor => apply(Sigmoid, [x]);

export const Sigmoid: Operator = {
  name: "Sigmoid",
  infer: inferSame,
  gradient: ({ outputs: [y], outputGradients: [g] }) => [mul(g!, mul(y!, sub(scalar(g!, 1), y!)))],
  cases: unaryCases(sigmoid),
};
