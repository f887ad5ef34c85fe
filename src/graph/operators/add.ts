import { apply, type Operator, type Tensor } from "../tensor.ts";
import { binaryCases, inferBroadcast } from "./common.ts";
import { sumTo } from "./sum-to.ts";

/**
 * a + b with broadcasting.
 *
 * @example
 * const g = createGraph("sum");
 * add(input(g, "a", "float32", ["B", 4]), input(g, "b", "float32", [4])).shape; // ["B", 4]
 */
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
