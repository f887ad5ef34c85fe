import { ensure } from "../../util/index.ts";
import { broadcastShapes } from "../dims.ts";
import { apply, type Operator, sameDtype, type Tensor } from "../tensor.ts";
import { sumTo } from "./sum-to.ts";

export interface GemmOptions {
  /** Added to the product; broadcasts to it. */
  bias?: Tensor;
  transA?: boolean;
  transB?: boolean;
}

/**
 * Matrix product of two matrices, each transposed or not while it is read, plus a bias: no Transpose node needed.
 */
export const gemm = (
  a: Tensor,
  b: Tensor,
  { bias, transA = false, transB = false }: GemmOptions = {},
): Tensor => apply(Gemm, bias ? [a, b, bias] : [a, b], { transA: Number(transA), transB: Number(transB) });

export const Gemm: Operator = {
  name: "Gemm",
  infer: (inputs, { transA, transB }) => {
    const [a, b, bias] = inputs;
    ensure(a!.shape.length === 2 && b!.shape.length === 2, "graph", () => ({
      where: "Gemm",
      expected: "two matrices",
      got: `[${a!.shape}] and [${b!.shape}]`,
    }));
    const [m, k] = transA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
    const [l, n] = transB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
    ensure(k === l, "graph", () => ({
      where: "Gemm",
      expected: "inner sizes to agree",
      got: `[${a!.shape}]${transA ? "ᵀ" : ""} and [${b!.shape}]${transB ? "ᵀ" : ""}`,
    }));
    const shape = [m, n];
    ensure(!bias || broadcastShapes("Gemm bias", bias.shape, shape).join() === shape.join(), "graph", () => ({
      where: "Gemm",
      expected: `a bias that broadcasts to [${shape}]`,
      got: `[${bias!.shape}]`,
    }));
    return [{ dtype: sameDtype("Gemm", inputs), shape }];
  },
  gradient: ({ inputs: [a, b, bias], attributes, outputGradients: [g], needs }) => {
    const transA = attributes.transA === 1;
    const transB = attributes.transB === 1;
    const da = () =>
      transA ? gemm(b!, g!, { transA: transB, transB: true }) : gemm(g!, b!, { transB: !transB });
    const db = () =>
      transB ? gemm(g!, a!, { transA: true, transB: transA }) : gemm(a!, g!, { transA: !transA });
    const out = [needs[0] ? da() : null, needs[1] ? db() : null];
    return bias ? [...out, needs[2] ? sumTo(g!, bias) : null] : out;
  },
  cases: (
    [
      ["plain", [2, 3], [3, 4], null, false, false],
      ["transposed right, bias row", [2, 3], [4, 3], [4], false, true],
      ["transposed left, bias matrix", [3, 2], [3, 4], [2, 4], true, false],
      ["both transposed, scalar bias", [3, 2], [4, 3], [1], true, true],
      ["size 1", [1, 1], [1, 1], [1], false, true],
    ] as const
  ).map(([name, a, b, bias, transA, transB]) => ({
    name,
    inputs: [{ shape: a }, { shape: b }, ...(bias ? [{ shape: bias }] : [])],
    build: (x, y, z) => gemm(x!, y!, { ...(z && { bias: z }), transA, transB }),
  })),
};
