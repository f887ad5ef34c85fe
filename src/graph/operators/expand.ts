import { ensure } from "../../util/index.ts";
import { broadcastShapes, type Shape } from "../dims.ts";
import { apply, type Operator, type Tensor } from "../tensor.ts";
import { decodeShape } from "./reshape.ts";
import { shapeTensor } from "./shape.ts";
import { sumTo } from "./sum-to.ts";

/** Broadcasts `x` to `shape` by copying. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const result = broadcastShapes(`Expand of ${x.name}`, x.shape, shape);
  ensure(result.every((dim, i) => dim === shape[i]) && result.length === shape.length, "graph", () => ({
    where: `Expand of ${x.name}`,
    expected: `a shape that [${x.shape}] broadcasts to`,
    got: `[${shape}]`,
  }));
  if (x.shape.length === shape.length && x.shape.every((dim, i) => dim === shape[i])) return x;
  return apply(Expand, [x, shapeTensor(x.graph, shape)], { shape: JSON.stringify(shape) });
}

export const Expand: Operator = {
  name: "Expand",
  infer: ([x], attributes) => [{ dtype: x!.dtype, shape: decodeShape(attributes) }],
  onnx: (node) => ({ type: "Expand", inputs: node.inputs, outputs: node.outputs, attributes: {} }),
  gradient: ({ inputs: [x], outputGradients: [g] }) => [sumTo(g!, x!), null],
  cases: (
    [
      [
        [3, 1],
        [3, 4],
      ],
      [[1], [5]],
      [[], [2, 3]],
      [
        [2, 3],
        [4, 2, 3],
      ],
    ] as const
  ).map(([from, to]) => ({
    name: `[${from}] to [${to}]`,
    inputs: [{ shape: from }],
    build: (x) => expand(x!, to),
  })),
};
