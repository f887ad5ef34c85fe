import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { binaryCases, inferBroadcast } from "./common.ts";
import { sumTo } from "./sum-to.ts";

/** a · b element by element, with broadcasting. */
export const mul = (a: Tensor, b: Tensor): Tensor => apply(Mul, [a, b]);

/** α · x. */
export const scaled = (x: Tensor, alpha: number): Tensor => mul(x, scalar(x, alpha));

export const Mul: Operator = {
  name: "Mul",
  infer: inferBroadcast("Mul"),
  gradient: ({ inputs: [a, b], outputGradients: [g], needs }) => [
    needs[0] ? sumTo(mul(g!, b!), a!) : null,
    needs[1] ? sumTo(mul(g!, a!), b!) : null,
  ],
  cases: binaryCases(mul),
};
