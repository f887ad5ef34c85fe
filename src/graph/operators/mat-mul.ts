import { ensure } from "../../util/index.ts";
import { broadcastShapes, elementCount } from "../dims.ts";
import { apply, type Operator, sameDtype, type Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";
import { sumTo } from "./sum-to.ts";
import { swapLast } from "./transpose.ts";

/** Matrix product over the last two axes; leading axes broadcast. */
export const matMul = (a: Tensor, b: Tensor): Tensor => apply(MatMul, [a, b]);

export const MatMul: Operator = {
  name: "MatMul",
  infer: (inputs) => {
    const [a, b] = inputs;
    ensure(a!.shape.length >= 2 && b!.shape.length >= 2, "graph", () => ({
      where: "MatMul",
      expected: "inputs of rank 2 or more",
      got: `[${a!.shape}] and [${b!.shape}]`,
    }));
    ensure(a!.shape.at(-1) === b!.shape.at(-2), "graph", () => ({
      where: "MatMul",
      expected: "the last axis of the left factor to equal the last but one of the right",
      got: `[${a!.shape}] and [${b!.shape}]`,
    }));
    const batch = broadcastShapes("MatMul", a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: sameDtype("MatMul", inputs), shape: [...batch, a!.shape.at(-2)!, b!.shape.at(-1)!] }];
  },
  gradient: ({ inputs: [a, b], outputGradients: [g], needs }) => {
    const da = needs[0] ? sumTo(matMul(g!, swapLast(b!)), a!) : null;
    let db: Tensor | null = null;
    if (needs[1] && b!.shape.length === 2 && a!.shape.length > 2) {
      // A matrix shared by the whole batch: one product over all rows instead of one per example and a sum.
      const rows = elementCount(a!.shape.slice(0, -1));
      db = matMul(swapLast(reshape(a!, [rows, a!.shape.at(-1)!])), reshape(g!, [rows, g!.shape.at(-1)!]));
    } else if (needs[1]) db = sumTo(matMul(swapLast(a!), g!), b!);
    return [da, db];
  },
  cases: (
    [
      ["matrices", [2, 3], [3, 4]],
      ["batch by matrix", [2, 5, 3], [3, 4]],
      ["batches", [2, 2, 3], [2, 3, 1]],
      ["broadcast batches", [2, 1, 2, 3], [4, 3, 2]],
      ["size 1", [1, 1], [1, 1]],
    ] as const
  ).map(([name, a, b]) => ({
    name,
    inputs: [{ shape: a }, { shape: b }],
    build: (x, y) => matMul(x!, y!),
  })),
};
