import { ensure } from "../../util/index.ts";
import { broadcastShapes, type Shape } from "../dims.ts";
import { type Attributes, apply, type Operator, sameDtype, scalar, type Tensor } from "../tensor.ts";
import { matMul } from "./mat-mul.ts";
import { mul } from "./mul.ts";
import { sumTo } from "./sum-to.ts";
import { swapLast, transpose } from "./transpose.ts";

export interface FusedMatMulOptions {
  /** Factor on the product. */
  alpha?: number;
  /** The last two axes are exchanged while they are read. */
  transA?: boolean;
  transB?: boolean;
  /** The factor is stored [M, batch…, K]: its first axis belongs before the last while it is read. */
  transBatchA?: boolean;
  transBatchB?: boolean;
}

/**
 * α·A·B over the last two axes with leading axes broadcast, either factor transposed while it is read. With
 * `transBatch`, rows of a batch may be stored token by token ([T, B, heads, d]) and are multiplied head by head without
 * a Transpose.
 */
export const fusedMatMul = (a: Tensor, b: Tensor, options: FusedMatMulOptions = {}): Tensor =>
  apply(FusedMatMul, [a, b], {
    alpha: { float: options.alpha ?? 1 },
    transA: Number(options.transA ?? false),
    transB: Number(options.transB ?? false),
    transBatchA: Number(options.transBatchA ?? false),
    transBatchB: Number(options.transBatchB ?? false),
  });

const flagsOf = (attributes: Attributes) => ({
  alpha: (attributes.alpha as { float: number }).float,
  transA: attributes.transA === 1,
  transB: attributes.transB === 1,
  transBatchA: attributes.transBatchA === 1,
  transBatchB: attributes.transBatchB === 1,
});

/** [M, batch…, K] → [batch…, M, K]. */
const batchFirst = (shape: Shape, stored: boolean): Shape =>
  stored ? [...shape.slice(1, -1), shape[0]!, shape.at(-1)!] : shape;
const readBatchFirst = (x: Tensor, stored: boolean): Tensor =>
  stored ? transpose(x, batchFirst(x.shape.map((_, i) => i) as Shape, true) as number[]) : x;

/** The reverse, for a gradient computed batch first, summed over what was broadcast. */
export function storedAs(gradient: Tensor, like: Tensor, stored: boolean): Tensor {
  const summed = sumTo(gradient, { shape: batchFirst(like.shape, stored) });
  const last = summed.shape.length - 1;
  return stored ? transpose(summed, [last - 1, ...summed.shape.slice(0, -2).map((_, i) => i), last]) : summed;
}

const matrix = (shape: Shape, stored: boolean, transposed: boolean) => {
  const first = batchFirst(shape, stored);
  const [rows, columns] = [first.at(-2)!, first.at(-1)!];
  return {
    batch: first.slice(0, -2),
    rows: transposed ? columns : rows,
    columns: transposed ? rows : columns,
  };
};

export const FusedMatMul: Operator = {
  name: "FusedMatMul",
  infer: (inputs, attributes) => {
    const { transA, transB, transBatchA, transBatchB } = flagsOf(attributes);
    const shapes = inputs.map((t) => t.shape);
    const [a, b] = shapes as [Shape, Shape];
    const [left, right] = [matrix(a, transBatchA, transA), matrix(b, transBatchB, transB)];
    ensure(a.length === b.length && a.length >= 2 && left.columns === right.rows, "graph", () => ({
      where: "FusedMatMul",
      expected: "factors of one rank, 2 or more, whose inner sizes agree",
      got: `[${a}] and [${b}] with ${JSON.stringify(flagsOf(attributes))}`,
    }));
    const batch = broadcastShapes("FusedMatMul", left.batch, right.batch);
    return [{ dtype: sameDtype("FusedMatMul", inputs), shape: [...batch, left.rows, right.columns] }];
  },
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "FusedMatMul",
    domain: "com.microsoft",
    inputs,
    outputs,
    attributes,
  }),
  // Batch first and before any transposition, Y = α·A·B: dA = α·G·Bᵀ, dB = α·Aᵀ·G.
  gradient: ({ inputs: [a, b], attributes, outputGradients: [g], needs }) => {
    const { alpha, transA, transB, transBatchA, transBatchB } = flagsOf(attributes);
    const da = () =>
      transA
        ? fusedMatMul(b!, g!, { alpha, transA: transB, transBatchA: transBatchB, transB: true })
        : fusedMatMul(g!, b!, { alpha, transB: !transB, transBatchB });
    const db = () =>
      transB
        ? fusedMatMul(g!, a!, { alpha, transA: true, transB: transA, transBatchB: transBatchA })
        : fusedMatMul(a!, g!, { alpha, transA: !transA, transBatchA });
    return [
      needs[0] ? storedAs(da(), a!, transBatchA) : null,
      needs[1] ? storedAs(db(), b!, transBatchB) : null,
    ];
  },
  compose: ([a, b], attributes) => {
    const { alpha, transA, transB, transBatchA, transBatchB } = flagsOf(attributes);
    const read = (x: Tensor, stored: boolean, transposed: boolean) => {
      const first = readBatchFirst(x, stored);
      return transposed ? swapLast(first) : first;
    };
    const product = matMul(read(a!, transBatchA, transA), read(b!, transBatchB, transB));
    return [mul(product, scalar(product, alpha))];
  },
  cases: (
    [
      ["plain", [2, 3], [3, 4], {}],
      ["scaled, transposed right", [2, 2, 3], [2, 4, 3], { transB: true, alpha: 0.5 }],
      ["transposed left", [2, 3, 2], [2, 3, 4], { transA: true }],
      ["both transposed", [2, 3, 2], [2, 4, 3], { transA: true, transB: true }],
      ["rows first", [3, 2, 2, 4], [5, 2, 2, 4], { transBatchA: true, transBatchB: true, transB: true }],
      ["rows first, right only", [2, 2, 3, 5], [5, 2, 2, 4], { transBatchB: true }],
      ["broadcast batch", [2, 2, 3, 5], [2, 1, 5, 4], { alpha: 2 }],
      [
        "rows first, broadcast",
        [3, 2, 2, 4],
        [5, 2, 1, 4],
        { transBatchA: true, transBatchB: true, transB: true },
      ],
      ["size 1", [1, 1, 1], [1, 1, 1], { transBatchA: true }],
    ] as const
  ).map(([name, a, b, options]) => ({
    name,
    inputs: [{ shape: a }, { shape: b }],
    build: (x, y) => fusedMatMul(x!, y!, options),
  })),
};
