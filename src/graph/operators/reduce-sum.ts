import type { Dim, Shape } from "../dims.ts";
import type { Attributes, Operator, Tensor } from "../tensor.ts";
import { applyReduction, inferReduction, reductionCases, reductionOnnx } from "./common.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";

/** The shape with reduced axes of size 1, whatever `keepdims` was. */
export const keptShape = (shape: Shape, { axes }: Attributes): Dim[] =>
  shape.map((dim, i) => ((axes as readonly number[]).includes(i) ? 1 : dim));

/** Sum over `axes`. */
export const reduceSum = (x: Tensor, axes: readonly number[], keep = false): Tensor =>
  applyReduction(ReduceSum, x, axes, keep);

export const ReduceSum: Operator = {
  name: "ReduceSum",
  infer: inferReduction,
  onnx: reductionOnnx,
  gradient: ({ inputs: [x], attributes, outputGradients: [g] }) => [
    expand(reshape(g!, keptShape(x!.shape, attributes)), x!.shape),
    null,
  ],
  cases: reductionCases(reduceSum),
};
