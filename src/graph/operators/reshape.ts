import { ensure } from "../../util/index.ts";
import { elementCount, type Shape } from "../dims.ts";
import { type Attributes, apply, type Operator, type Tensor } from "../tensor.ts";
import { shapeTensor } from "./shape.ts";

/** The shape travels as an attribute of our node and as ONNX's second input. */
const encodeShape = (shape: Shape): string => JSON.stringify(shape);
export const decodeShape = (attributes: Attributes): Shape => JSON.parse(attributes.shape as string) as Shape;

/** The same elements under another shape. Named sizes may be multiplied together or taken apart. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (shape.length === x.shape.length && shape.every((dim, i) => dim === x.shape[i])) return x;
  ensure(elementCount(shape) === elementCount(x.shape), "graph", () => ({
    where: `Reshape of ${x.name}`,
    expected: `a shape of ${elementCount(x.shape)} elements, as [${x.shape}] has`,
    got: `[${shape}], which has ${elementCount(shape)}`,
  }));
  // One unknown size can be left to ONNX; that also keeps graphs small.
  const unknown = shape.filter((dim) => typeof dim === "string").length;
  const zero = shape.includes(0);
  const runtime = unknown === 1 && !zero ? shape.map((dim) => (typeof dim === "string" ? -1 : dim)) : shape;
  return apply(Reshape, [x, shapeTensor(x.graph, runtime)], { shape: encodeShape(shape) });
}

export const Reshape: Operator = {
  name: "Reshape",
  infer: ([x], attributes) => [{ dtype: x!.dtype, shape: decodeShape(attributes) }],
  onnx: (node) => ({
    type: "Reshape",
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: { allowzero: 1 },
  }),
  gradient: ({ inputs: [x], outputGradients: [g] }) => [reshape(g!, x!.shape), null],
  cases: (
    [
      [[2, 3], [6]],
      [[4], [2, 2]],
      [[1], []],
      [
        [2, 1, 3],
        [3, 2],
      ],
    ] as const
  ).map(([from, to]) => ({
    name: `[${from}] to [${to}]`,
    inputs: [{ shape: from }],
    build: (x) => reshape(x!, to),
  })),
};
