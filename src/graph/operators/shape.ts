import { LintelError } from "../../util/index.ts";
import { type Dim, dimTerms, type Shape } from "../dims.ts";
import { apply, constant, type Graph, type Operator, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { cast } from "./cast.ts";
import { concat } from "./concat.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";

/** Run-time size of one axis, as an int64 vector of length 1. */
const axisSize = (x: Tensor, axis: number): Tensor => apply(ShapeOf, [x], { start: axis, end: axis + 1 });

/** Size `name` from an axis that is a fixed multiple of it. */
function multipleOf(graph: Graph, name: string): Tensor {
  for (const [dim, { input, axis }] of graph.axes) {
    const [term, ...others] = dimTerms(dim);
    if (others.length === 0 && term![1].join() === name) {
      return div(axisSize(input, axis), constant(graph, "int64", [1], [term![0]]));
    }
  }
  throw new LintelError("graph", {
    where: `graph ${graph.name}`,
    expected: `an input with an axis "${name}", or a multiple of it`,
    got: `only ${[...graph.axes.keys()].join(", ") || "numeric axes"}`,
  });
}

/** Run-time value of a dimension expression, int64 [1], read from the axes of the graph's inputs. */
function dimTensor(graph: Graph, dim: Dim): Tensor {
  const known = typeof dim === "string" ? graph.axes.get(dim) : undefined;
  if (known) return axisSize(known.input, known.axis);
  const terms = dimTerms(dim).map(([coefficient, names]) => {
    const factors = names.map((name) => {
      const place = graph.axes.get(name);
      if (!place) return multipleOf(graph, name);
      return axisSize(place.input, place.axis);
    });
    const start =
      coefficient !== 1 || factors.length === 0 ? [constant(graph, "int64", [1], [coefficient])] : [];
    return [...start, ...factors].reduce(mul);
  });
  return terms.length === 0 ? constant(graph, "int64", [1], [0]) : terms.reduce(add);
}

/** A shape as an int64 vector: a constant where all sizes are numbers, else computed at run time. */
export function shapeTensor(graph: Graph, shape: Shape): Tensor {
  if (shape.every((dim) => typeof dim === "number")) {
    return constant(graph, "int64", [shape.length], shape as number[]);
  }
  const parts: Tensor[] = [];
  let numbers: number[] = [];
  const flush = () => {
    if (numbers.length > 0) parts.push(constant(graph, "int64", [numbers.length], numbers));
    numbers = [];
  };
  for (const dim of shape) {
    if (typeof dim === "number") numbers.push(dim);
    else {
      flush();
      parts.push(dimTensor(graph, dim));
    }
  }
  flush();
  return parts.length === 1 ? parts[0]! : concat(parts, 0);
}

export const ShapeOf: Operator = {
  name: "Shape",
  infer: (_inputs, { start, end }) => [{ dtype: "int64", shape: [(end as number) - (start as number)] }],
  gradient: null,
  cases: [[3, 4], [1], [2, 1, 5], [7, 2]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape }],
    // The size is a constant to the gradient: it scales the input that it was read from.
    build: (x) => mul(x!, reshape(cast(axisSize(x!, 0), x!.dtype), [])),
  })),
};
