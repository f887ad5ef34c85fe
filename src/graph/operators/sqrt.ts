import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";

/** √x; x > 0. d√x = dx / 2√x. */
export const sqrt = (x: Tensor): Tensor => apply(Sqrt, [x]);

export const Sqrt: Operator = {
  name: "Sqrt",
  infer: inferSame,
  gradient: ({ outputs: [y], outputGradients: [g] }) => [div(mul(g!, scalar(g!, 0.5)), y!)],
  cases: unaryCases(sqrt, [0.5, 2]),
};
