import { ensure } from "../../util/index.ts";
import { elementCount } from "../dims.ts";
import { apply, constant, type Operator, scalar, type Tensor } from "../tensor.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { scatterRows } from "./scatter-elements.ts";

/** Rows of `table` [V, …] at int64 `indices` [I…]: shape [I…, …]. */
export const gather = (table: Tensor, indices: Tensor): Tensor =>
  apply(Gather, [table, indices], { axis: 0 });

export const Gather: Operator = {
  name: "Gather",
  infer: ([table, indices]) => {
    ensure(table!.shape.length >= 1 && indices!.dtype === "int64", "graph", () => ({
      where: "Gather",
      expected: "a table of rank 1 or more and int64 indices",
      got: `[${table!.shape}] and ${indices!.dtype} [${indices!.shape}]`,
    }));
    return [{ dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] }];
  },
  gradient: ({ inputs: [table, indices], outputGradients: [g] }) => [
    scatterRows(
      expand(scalar(g!, 0), table!.shape),
      reshape(indices!, [elementCount(indices!.shape)]),
      reshape(g!, [elementCount(indices!.shape), ...table!.shape.slice(1)]),
    ),
    null,
  ],
  cases: (
    [
      ["vector of ids", [5, 3], [3], [0, 4, 4]],
      ["matrix of ids", [4, 2], [2, 2], [3, 0, 1, 3]],
      ["one row", [1, 2], [1], [0]],
      ["scalar id", [4, 2], [], [2]],
      ["rank 1 table", [6], [3], [5, 5, 1]],
    ] as const
  ).map(([name, table, shape, ids]) => ({
    name,
    inputs: [{ shape: table }],
    build: (x) => gather(x!, constant(x!.graph, "int64", shape, ids)),
  })),
};
