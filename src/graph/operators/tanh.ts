import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

/** tanh x. d = 1 − tanh². */
export const tanh = (x: Tensor): Tensor => apply(Tanh, [x]);

export const Tanh: Operator = {
  name: "Tanh",
  infer: inferSame,
  gradient: ({ outputs: [y], outputGradients: [g] }) => [mul(g!, sub(scalar(g!, 1), mul(y!, y!)))],
  cases: unaryCases(tanh),
};
