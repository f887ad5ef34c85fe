import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";

/** eˣ. */
export const exp = (x: Tensor): Tensor => apply(Exp, [x]);

export const Exp: Operator = {
  name: "Exp",
  infer: inferSame,
  gradient: ({ outputs: [y], outputGradients: [g] }) => [mul(g!, y!)],
  cases: unaryCases(exp),
};
