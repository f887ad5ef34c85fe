import { apply, type Operator, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { sub } from "./sub.ts";

/** x·σ(x), the gate of SwiGLU. One kernel in float32: QuickGelu with α = 1. */
export const silu = (x: Tensor): Tensor => apply(Silu, [x]);

export const Silu: Operator = {
  name: "Silu",
  infer: inferSame,
  onnx: ({ inputs, outputs }) => ({
    type: "QuickGelu",
    domain: "com.microsoft",
    inputs,
    outputs,
    attributes: { alpha: { float: 1 } },
  }),
  // With s = σ(x), y = x·s: dy/dx = s + y·(1 − s) = (s − y·s) + y
  gradient: ({ inputs: [x], outputs: [y], outputGradients: [g] }) => {
    const s = sigmoid(x!);
    return [mul(g!, add(sub(s, mul(y!, s)), y!))];
  },
  compose: ([x]) => [mul(x!, sigmoid(x!))],
  cases: unaryCases(silu),
};
