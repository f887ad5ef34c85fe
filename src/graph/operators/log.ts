import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, unaryCases } from "./common.ts";
import { div } from "./div.ts";

/** Natural logarithm; x > 0. */
export const log = (x: Tensor): Tensor => apply(Log, [x]);

export const Log: Operator = {
  name: "Log",
  infer: inferSame,
  gradient: ({ inputs: [x], outputGradients: [g] }) => [div(g!, x!)],
  cases: unaryCases(log, [0.5, 2]),
};
