import { ensure } from "../../util/index.ts";
import { addDims, type Dim, multiplyDims, normalizeAxis } from "../dims.ts";
import { apply, constant, type Operator, scalar, type Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { expand } from "./expand.ts";
import { shapeTensor } from "./shape.ts";

/** `end − start` where that can be written down; both may be expressions, `start` a prefix of `end`. */
function sliceSize(start: Dim, end: Dim): Dim {
  if (typeof start === "number" && typeof end === "number") return end - start;
  const difference = addDims(end, multiplyDims(start, -1 as unknown as number));
  return difference;
}

/** Elements `start … end − 1` along `axis`. Bounds are numbers or dimension expressions, never negative. */
export function slice(x: Tensor, axis: number, start: Dim, end: Dim): Tensor {
  const at = normalizeAxis("Slice", axis, x.shape.length);
  if (start === 0 && end === x.shape[at]) return x;
  const g = x.graph;
  return apply(Slice, [x, shapeTensor(g, [start]), shapeTensor(g, [end]), constant(g, "int64", [1], [at])], {
    axis: at,
    start,
    end,
  });
}

export const Slice: Operator = {
  name: "Slice",
  infer: ([x], { axis, start, end }) => {
    const size = sliceSize(start as Dim, end as Dim);
    const full = x!.shape[axis as number]!;
    ensure(
      typeof size !== "number" || (size >= 0 && (typeof full !== "number" || (end as number) <= full)),
      "graph",
      () => ({
        where: `Slice along axis ${axis}`,
        expected: `bounds within 0 … ${full}`,
        got: `${start} … ${end}`,
      }),
    );
    return [{ dtype: x!.dtype, shape: x!.shape.map((dim, i) => (i === axis ? size : dim)) }];
  },
  onnx: (node) => ({ type: "Slice", inputs: node.inputs, outputs: node.outputs, attributes: {} }),
  gradient: ({ inputs: [x], attributes, outputGradients: [g] }) => {
    const axis = attributes.axis as number;
    const zeros = (size: Dim) =>
      expand(
        scalar(g!, 0),
        x!.shape.map((dim, i) => (i === axis ? size : dim)),
      );
    const before = attributes.start as Dim;
    const after = sliceSize(attributes.end as Dim, x!.shape[axis]!);
    const parts = [...(before === 0 ? [] : [zeros(before)]), g!, ...(after === 0 ? [] : [zeros(after)])];
    return [concat(parts, axis), null, null, null];
  },
  cases: (
    [
      [[5, 2], 0, 1, 3],
      [[2, 4], 1, 0, 2],
      [[2, 4], -1, 3, 4],
      [[1], 0, 0, 1],
      [[2, 3, 4], 1, 2, 3],
    ] as const
  ).map(([shape, axis, start, end]) => ({
    name: `[${shape}] axis ${axis}, ${start} to ${end}`,
    inputs: [{ shape }],
    build: (x) => slice(x!, axis, start, end),
  })),
};
