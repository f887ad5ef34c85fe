import { ensure } from "../../util/index.ts";
import { broadcastShapes } from "../dims.ts";
import { apply, constant, type Operator, sameDtype, scalar, type Tensor } from "../tensor.ts";
import { sumTo } from "./sum-to.ts";

/** `condition ? a : b`, element by element with broadcasting; `condition` is bool. */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => apply(Where, [condition, a, b]);

export const Where: Operator = {
  name: "Where",
  infer: ([condition, a, b]) => {
    ensure(condition!.dtype === "bool", "graph", () => ({
      where: "Where",
      expected: "a bool condition",
      got: condition!.dtype,
    }));
    const shape = broadcastShapes("Where", broadcastShapes("Where", condition!.shape, a!.shape), b!.shape);
    return [{ dtype: sameDtype("Where", [a!, b!]), shape }];
  },
  gradient: ({ inputs: [condition, a, b], outputGradients: [g], needs }) => [
    null,
    needs[1] ? sumTo(where(condition!, g!, scalar(g!, 0)), a!) : null,
    needs[2] ? sumTo(where(condition!, scalar(g!, 0), g!), b!) : null,
  ],
  cases: (
    [
      ["matrix", [2, 2], [1, 0, 0, 1], [2, 2], [2, 2]],
      ["broadcast condition", [2, 1], [1, 0], [2, 3], [2, 3]],
      ["scalar branch", [3], [0, 1, 1], [3], []],
      ["size 1", [1], [1], [1], [1]],
    ] as const
  ).map(([name, shape, values, a, b]) => ({
    name,
    inputs: [{ shape: a }, { shape: b }],
    build: (x, y) => where(constant(x!.graph, "bool", shape, values), x!, y!),
  })),
};
