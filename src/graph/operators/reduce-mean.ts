import { dimTerms, elementCount } from "../dims.ts";
import { type Operator, scalar, type Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { applyReduction, inferReduction, reductionCases, reductionOnnx } from "./common.ts";
import { div } from "./div.ts";
import { expand } from "./expand.ts";
import { mul } from "./mul.ts";
import { keptShape } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";
import { shapeTensor } from "./shape.ts";

/** Mean over `axes`. */
export const reduceMean = (x: Tensor, axes: readonly number[], keep = false): Tensor =>
  applyReduction(ReduceMean, x, axes, keep);

/** g / n, n the number of elements that were averaged; read at run time where a size is named. */
function divideByCount(g: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const count = elementCount(axes.map((axis) => x.shape[axis]!));
  if (dimTerms(count).every(([, names]) => names.length === 0))
    return mul(g, scalar(g, 1 / (count as number)));
  return div(g, reshape(cast(shapeTensor(x.graph, [count]), g.dtype), []));
}

export const ReduceMean: Operator = {
  name: "ReduceMean",
  infer: inferReduction,
  onnx: reductionOnnx,
  gradient: ({ inputs: [x], attributes, outputGradients: [g] }) => {
    const axes = attributes.axes as readonly number[];
    return [expand(reshape(divideByCount(g!, x!, axes), keptShape(x!.shape, attributes)), x!.shape), null];
  },
  cases: reductionCases(reduceMean),
};
