import { apply, type Operator, type Tensor } from "../tensor.ts";
import { binaryCases, inferBroadcast } from "./common.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sumTo } from "./sum-to.ts";

/** a / b with broadcasting. */
export const div = (a: Tensor, b: Tensor): Tensor => apply(Div, [a, b]);

export const Div: Operator = {
  name: "Div",
  infer: inferBroadcast("Div"),
  // d(a/b) = da/b − (a/b)·db/b
  gradient: ({ inputs: [a, b], outputs: [y], outputGradients: [g], needs }) => [
    needs[0] ? sumTo(div(g!, b!), a!) : null,
    needs[1] ? neg(sumTo(div(mul(g!, y!), b!), b!)) : null,
  ],
  cases: binaryCases(div, [0.5, 2]),
};
