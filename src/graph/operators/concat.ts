import { ensure } from "../../util/index.ts";
import { addDims, normalizeAxis } from "../dims.ts";
import { apply, type Operator, sameDtype, type Tensor } from "../tensor.ts";
import { slice } from "./slice.ts";

/** Joins tensors along `axis`; all other sizes must agree. */
export const concat = (tensors: readonly Tensor[], axis: number): Tensor =>
  tensors.length === 1
    ? tensors[0]!
    : apply(Concat, tensors, { axis: normalizeAxis("Concat", axis, tensors[0]!.shape.length) });

export const Concat: Operator = {
  name: "Concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const t of inputs) {
      ensure(
        t.shape.length === first!.shape.length &&
          t.shape.every((dim, i) => i === axis || dim === first!.shape[i]),
        "graph",
        () => ({
          where: `Concat along axis ${axis}`,
          expected: `shapes like [${first!.shape}] but for that axis`,
          got: `[${t.shape}]`,
        }),
      );
    }
    const shape = first!.shape.map((dim, i) =>
      i === axis ? addDims(...inputs.map((t) => t.shape[i]!)) : dim,
    );
    return [{ dtype: sameDtype("Concat", inputs), shape }];
  },
  gradient: ({ inputs, attributes, outputGradients: [g], needs }) => {
    const axis = attributes.axis as number;
    return inputs.map((x, i) => {
      if (!needs[i]) return null;
      const before = inputs.slice(0, i).map((t) => t.shape[axis]!);
      return slice(g!, axis, addDims(0, ...before), addDims(0, ...before, x.shape[axis]!));
    });
  },
  cases: (
    [
      [
        "rows",
        0,
        [
          [2, 3],
          [1, 3],
        ],
      ],
      [
        "columns",
        1,
        [
          [2, 3],
          [2, 2],
          [2, 1],
        ],
      ],
      [
        "last axis",
        -1,
        [
          [1, 2, 2],
          [1, 2, 3],
        ],
      ],
      ["size 1", 0, [[1], [1]]],
    ] as const
  ).map(([name, axis, shapes]) => ({
    name,
    inputs: shapes.map((shape) => ({ shape })),
    build: (...xs) => concat(xs, axis),
  })),
};
