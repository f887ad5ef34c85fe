import { apply, constant, type Operator, type Tensor } from "../tensor.ts";
import { gatherND } from "./gather-nd.ts";

/**
 * `data` with `updates` added at `indices` (int64, last axis = coordinates into the leading axes of data).
 * Repeated indices add up.
 */
export const scatterAdd = (data: Tensor, indices: Tensor, updates: Tensor): Tensor =>
  apply(ScatterND, [data, indices, updates], { reduction: "add" });

export const ScatterND: Operator = {
  name: "ScatterND",
  infer: ([data]) => [{ dtype: data!.dtype, shape: data!.shape }],
  gradient: ({ inputs: [, indices], outputGradients: [g], needs }) => [
    needs[0] ? g! : null,
    null,
    needs[2] ? gatherND(g!, indices!) : null,
  ],
  cases: (
    [
      ["rows, repeated", [4, 2], [3, 1], [0, 2, 2], [3, 2]],
      ["elements", [2, 3], [2, 2], [0, 1, 1, 2], [2]],
      ["one row", [1, 2], [1, 1], [0], [1, 2]],
      ["vector", [5], [2, 1], [4, 0], [2]],
    ] as const
  ).map(([name, data, shape, ids, updates]) => ({
    name,
    inputs: [{ shape: data }, { shape: updates }],
    build: (x, u) => scatterAdd(x!, constant(x!.graph, "int64", shape, ids), u!),
  })),
};
