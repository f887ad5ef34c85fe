import { apply, constant, type Operator, type Tensor } from "../tensor.ts";
import { expand } from "./expand.ts";
import { gather } from "./gather.ts";
import { reshape } from "./reshape.ts";

/**
 * `data` [V, …] with rows of `updates` [N, …] added at int64 `rows` [N]; repeated rows add up. Unlike ScatterND, whose
 * kernel lets threads add to one row at once and lose updates (ONNX Runtime 1.30), this kernel adds one after the other.
 */
export function scatterRows(data: Tensor, rows: Tensor, updates: Tensor): Tensor {
  const column = reshape(rows, [rows.shape[0]!, ...updates.shape.slice(1).map(() => 1)]);
  return apply(ScatterElements, [data, expand(column, updates.shape), updates, rows], {
    axis: 0,
    reduction: "add",
  });
}

export const ScatterElements: Operator = {
  name: "ScatterElements",
  infer: ([data]) => [{ dtype: data!.dtype, shape: data!.shape }],
  // The rows are kept beside their expansion for the gradient.
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "ScatterElements",
    inputs: inputs.slice(0, 3),
    outputs,
    attributes,
  }),
  gradient: ({ inputs: [, , , rows], outputGradients: [g], needs }) => [
    needs[0] ? g! : null,
    null,
    needs[2] ? gather(g!, rows!) : null,
    null,
  ],
  cases: (
    [
      ["rows, repeated", [4, 2], [0, 2, 2], [3, 2]],
      ["one row", [1, 2], [0], [1, 2]],
      ["vector", [5], [4, 0, 4], [3]],
      ["matrices", [3, 2, 2], [2, 0], [2, 2, 2]],
    ] as const
  ).map(([name, data, rows, updates]) => ({
    name,
    inputs: [{ shape: data }, { shape: updates }],
    build: (x, u) => scatterRows(x!, constant(x!.graph, "int64", [rows.length], rows), u!),
  })),
};
