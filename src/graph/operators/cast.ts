import { onnxTypes } from "../onnx/types.ts";
import { apply, type DType, type Operator, type Tensor } from "../tensor.ts";

/** The same values in another type. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : apply(Cast, [x], { to }));

export const Cast: Operator = {
  name: "Cast",
  infer: ([x], { to }) => [{ dtype: to as DType, shape: x!.shape }],
  onnx: (node) => ({
    type: "Cast",
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: { to: onnxTypes[node.attributes.to as DType] },
  }),
  gradient: ({ inputs: [x], outputGradients: [g] }) => [cast(g!, x!.dtype)],
  // Forth and back: both directions carry gradients, and float32 in between would cost the precision of the check.
  cases: [[2, 3], [1], [], [4, 1, 2]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape }],
    build: (x) => apply(Cast, [x!], { to: x!.dtype }),
  })),
};
