import { apply, type Operator, type Tensor } from "../tensor.ts";
import { binaryCases, inferBroadcast } from "./common.ts";
import { sumTo } from "./sum-to.ts";

/** a + b with broadcasting. */
export const add = (a: Tensor, b: Tensor): Tensor => apply(Add, [a, b]);

export const Add: Operator = {
  name: "Add",
  infer: inferBroadcast("Add"),
  gradient: ({ inputs: [a, b], outputGradients: [g], needs }) => [
    needs[0] ? sumTo(g!, a!) : null,
    needs[1] ? sumTo(g!, b!) : null,
  ],
  cases: binaryCases(add),
};
