import { ensure } from "../../util/index.ts";
import { apply, constant, type Operator, scalar, type Tensor } from "../tensor.ts";
import { expand } from "./expand.ts";
import { scatterAdd } from "./scatter-nd.ts";

/** Slices of `data` at int64 `indices` [I…, q]: shape [I…, data.shape[q:]…]. */
export const gatherND = (data: Tensor, indices: Tensor): Tensor => apply(GatherND, [data, indices]);

export const GatherND: Operator = {
  name: "GatherND",
  infer: ([data, indices]) => {
    const depth = indices!.shape.at(-1);
    ensure(
      typeof depth === "number" && depth <= data!.shape.length && indices!.dtype === "int64",
      "graph",
      () => ({
        where: "GatherND",
        expected: `int64 indices whose last axis is at most ${data!.shape.length}`,
        got: `${indices!.dtype} [${indices!.shape}]`,
      }),
    );
    return [{ dtype: data!.dtype, shape: [...indices!.shape.slice(0, -1), ...data!.shape.slice(depth)] }];
  },
  gradient: ({ inputs: [data, indices], outputGradients: [g] }) => [
    scatterAdd(expand(scalar(g!, 0), data!.shape), indices!, g!),
    null,
  ],
  cases: (
    [
      ["rows", [4, 2], [3, 1], [0, 2, 2]],
      ["elements", [2, 3], [2, 2], [0, 1, 1, 2]],
      ["one row", [1, 2], [1, 1], [0]],
      ["batch of rows", [2, 3, 2], [2, 2, 2], [0, 1, 1, 2, 0, 0, 0, 1]],
    ] as const
  ).map(([name, data, shape, ids]) => ({
    name,
    inputs: [{ shape: data }],
    build: (x) => gatherND(x!, constant(x!.graph, "int64", shape, ids)),
  })),
};
