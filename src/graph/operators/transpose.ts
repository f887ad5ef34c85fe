import { ensure } from "../../util/index.ts";
import { apply, type Operator, type Tensor } from "../tensor.ts";

/** Permutes axes: `out.shape[i] = x.shape[perm[i]]`. */
export const transpose = (x: Tensor, perm: readonly number[]): Tensor =>
  perm.every((axis, i) => axis === i) ? x : apply(Transpose, [x], { perm });

/** Exchanges the last two axes. */
export function swapLast(x: Tensor): Tensor {
  const perm = x.shape.map((_, i) => i);
  const n = perm.length;
  [perm[n - 1], perm[n - 2]] = [n - 2, n - 1];
  return transpose(x, perm);
}

export const Transpose: Operator = {
  name: "Transpose",
  infer: ([x], { perm }) => {
    const order = perm as readonly number[];
    ensure([...order].sort((a, b) => a - b).join() === x!.shape.map((_, i) => i).join(), "graph", () => ({
      where: "Transpose",
      expected: `a permutation of ${x!.shape.length} axes`,
      got: `[${order}]`,
    }));
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }];
  },
  gradient: ({ attributes, outputGradients: [g] }) => {
    const perm = attributes.perm as readonly number[];
    return [
      transpose(
        g!,
        perm.map((_, i) => perm.indexOf(i)),
      ),
    ];
  },
  cases: (
    [
      [
        [2, 3],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [2, 0, 1],
      ],
      [
        [1, 3, 2, 2],
        [0, 2, 1, 3],
      ],
      [
        [1, 1],
        [1, 0],
      ],
    ] as const
  ).map(([shape, perm]) => ({
    name: `[${shape}] by [${perm}]`,
    inputs: [{ shape }],
    build: (x) => transpose(x!, perm),
  })),
};
