/**
 * What operator records share at the moment they are made. Imports no operator: records refer to each other in
 * circles, which is fine for functions called later, not for values needed now.
 */
import { broadcastShapes, type Dim, normalizeAxis } from "../dims.ts";
import {
  type Attributes,
  apply,
  constant,
  type Operator,
  type OperatorCase,
  sameDtype,
  type Tensor,
  type TensorType,
} from "../tensor.ts";

export const inferBroadcast =
  (name: string) =>
  (inputs: readonly TensorType[], _attributes?: Attributes): TensorType[] => [
    { dtype: sameDtype(name, inputs), shape: broadcastShapes(name, inputs[0]!.shape, inputs[1]!.shape) },
  ];

export const inferSame = (inputs: readonly TensorType[]): TensorType[] => [
  { dtype: inputs[0]!.dtype, shape: inputs[0]!.shape },
];

/** Broadcast, size 1 and rank 0 shapes for a binary operator. */
export function binaryCases(
  build: (a: Tensor, b: Tensor) => Tensor,
  range?: readonly [number, number],
): OperatorCase[] {
  const pairs: [string, number[], number[]][] = [
    ["equal shapes", [2, 3], [2, 3]],
    ["broadcast leading axis", [4, 2, 3], [2, 3]],
    ["broadcast both ways", [3, 1], [1, 4]],
    ["size 1", [1], [5]],
    ["rank 0", [], []],
    ["scalar with matrix", [2, 3], []],
  ];
  return pairs.map(([name, a, b]) => ({
    name,
    inputs: [
      { shape: a, ...(range && { range }) },
      { shape: b, ...(range && { range }) },
    ],
    build: (x, y) => build(x!, y!),
  }));
}

/** Shapes for a unary operator; `range` keeps inputs where it is smooth. */
export function unaryCases(build: (x: Tensor) => Tensor, range?: readonly [number, number]): OperatorCase[] {
  return [[3, 4], [1], [], [2, 1, 3]].map((shape) => ({
    name: `shape [${shape}]`,
    inputs: [{ shape, ...(range && { range }) }],
    build: (x) => build(x!),
  }));
}

/** Shapes for an operator that works along the last axis. */
export const rowCases = (build: (x: Tensor) => Tensor): OperatorCase[] =>
  [[2, 3], [1, 1], [2, 2, 4], [5]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape }],
    build: (x) => build(x!),
  }));

/** Shape of a reduction; `keep` leaves the reduced axes in place with size 1. */
export function inferReduction([x]: readonly TensorType[], { axes, keepdims }: Attributes): TensorType[] {
  const reduced = axes as readonly number[];
  const shape: Dim[] = [];
  x!.shape.forEach((dim, i) => {
    if (!reduced.includes(i)) shape.push(dim);
    else if (keepdims === 1) shape.push(1);
  });
  return [{ dtype: x!.dtype, shape }];
}

/** Axes as attribute and, as ONNX wants it since opset 18, as second input. */
export function applyReduction(
  operator: Operator,
  x: Tensor,
  axes: readonly number[],
  keep: boolean,
): Tensor {
  const sorted = axes.map((a) => normalizeAxis(operator.name, a, x.shape.length)).sort((a, b) => a - b);
  return apply(operator, [x, constant(x.graph, "int64", [sorted.length], sorted)], {
    axes: sorted,
    keepdims: keep ? 1 : 0,
  });
}

/** The ONNX form of a reduction: `axes` is an input there. */
export const reductionOnnx: NonNullable<Operator["onnx"]> = (node) => ({
  type: node.operator.name,
  inputs: node.inputs,
  outputs: node.outputs,
  attributes: { keepdims: node.attributes.keepdims! },
});

/** Axes inside, in front, kept or not. */
export const reductionCases = (
  build: (x: Tensor, axes: readonly number[], keep: boolean) => Tensor,
): OperatorCase[] =>
  (
    [
      [[2, 3], [1], false],
      [[2, 3, 4], [0, 2], true],
      [[1, 3], [0], false],
      [[4], [0], false],
      [[2, 1, 3], [-1], true],
    ] as const
  ).map(([shape, axes, keep]) => ({
    name: `[${shape}] over [${axes}]${keep ? ", kept" : ""}`,
    inputs: [{ shape }],
    build: (x) => build(x!, axes, keep),
  }));
