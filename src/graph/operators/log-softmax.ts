import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, rowCases } from "./common.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { sub } from "./sub.ts";

/** log softmax over the last axis. */
export const logSoftmax = (x: Tensor): Tensor => apply(LogSoftmax, [x], { axis: -1 });

export const LogSoftmax: Operator = {
  name: "LogSoftmax",
  infer: inferSame,
  // dx = g − softmax(x)·Σg
  gradient: ({ outputs: [y], outputGradients: [g] }) => [sub(g!, mul(exp(y!), reduceSum(g!, [-1], true)))],
  cases: rowCases(logSoftmax),
};
