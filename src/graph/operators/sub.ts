import { apply, type Operator, type Tensor } from "../tensor.ts";
import { binaryCases, inferBroadcast } from "./common.ts";
import { neg } from "./neg.ts";
import { sumTo } from "./sum-to.ts";

/** a − b with broadcasting. */
export const sub = (a: Tensor, b: Tensor): Tensor => apply(Sub, [a, b]);

export const Sub: Operator = {
  name: "Sub",
  infer: inferBroadcast("Sub"),
  gradient: ({ inputs: [a, b], outputGradients: [g], needs }) => [
    needs[0] ? sumTo(g!, a!) : null,
    needs[1] ? neg(sumTo(g!, b!)) : null,
  ],
  cases: binaryCases(sub),
};
