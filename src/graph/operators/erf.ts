import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

/**
 * Error function. d = 2/√π · e^(−x²).
 *
 * @example
 * const g = createGraph("example");
 * erf(input(g, "x", "float32", ["N", 4])).shape; // ["N", 4]
 */
export const erf = (x: Tensor): Tensor => apply(Erf, [x]);

export const Erf: Operator = {
  name: "Erf",
  infer: inferSame,
  gradient: ({ inputs: [x], outputGradients: [g] }) => [
    mul(g!, mul(scalar(g!, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x!, x!))))),
  ],
  float32Only: true,
  cases: unaryCases(erf),
};
