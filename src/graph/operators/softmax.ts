import { apply, type Operator, type Tensor } from "../tensor.ts";
import { inferSame, rowCases } from "./common.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { sub } from "./sub.ts";

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => apply(Softmax, [x], { axis: -1 });

export const Softmax: Operator = {
  name: "Softmax",
  infer: inferSame,
  // dx = y ∘ (g − Σ g∘y) = g∘y − y·Σ(g∘y)
  gradient: ({ outputs: [y], outputGradients: [g] }) => {
    const gy = mul(g!, y!);
    return [sub(gy, mul(y!, reduceSum(gy, [-1], true)))];
  },
  cases: rowCases(softmax),
};
