import { ensure } from "../../util/index.ts";
import { elementCount } from "../dims.ts";
import { type Attributes, applyAll, type Operator, scalar, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { gemm } from "./gemm.ts";
import { mul } from "./mul.ts";
import { reciprocal } from "./reciprocal.ts";
import { reduceMean } from "./reduce-mean.ts";
import { reshape } from "./reshape.ts";
import { sqrt } from "./sqrt.ts";
import { sub } from "./sub.ts";

/**
 * x / √(mean(x²) + ε) · weight over the last axis: RMSNorm (Zhang & Sennrich 2019), as Qwen2RMSNorm computes it.
 * One ONNX Runtime kernel instead of six nodes.
 */
export const rmsNormalization = (x: Tensor, weight: Tensor, epsilon: number): Tensor =>
  applyAll(RmsNormalization, [x, weight], { axis: -1, epsilon: { float: epsilon } })[0]!;

const epsilonOf = (attributes: Attributes): number => (attributes.epsilon as { float: number }).float;

/** 1/√(mean(x²) + ε) in the precision of x, where the kernel's own float32 value would not do. */
const inverseRms = (x: Tensor, epsilon: number): Tensor =>
  reciprocal(sqrt(add(reduceMean(mul(x, x), [-1], true), scalar(x, epsilon))));

export const RmsNormalization: Operator = {
  name: "RMSNormalization",
  infer: ([x, weight]) => {
    ensure(weight!.shape.length === 1 && weight!.shape[0] === x!.shape.at(-1), "graph", () => ({
      where: "RMSNormalization",
      expected: `a weight of shape [${x!.shape.at(-1)}]`,
      got: `[${weight!.shape}]`,
    }));
    // Second output: 1/√(mean(x²) + ε) per row, which the gradient needs again; the kernel knows it in float32 only.
    return [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: "float32", shape: [...x!.shape.slice(0, -1), 1] },
    ];
  },
  onnx: (node) => ({
    type: "SimplifiedLayerNormalization",
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: { ...node.attributes, stash_type: 1 },
  }),
  // WebGPU's kernel leaves something else than the inverse RMS in its second output (ONNX Runtime 1.30).
  deviceReplacement: ({ inputs: [x], outputs: [, saved], attributes }, { read }) =>
    read.has(saved!) ? [null, inverseRms(x!, epsilonOf(attributes))] : null,
  // With r the inverse RMS, p = g∘x and s = Σ p∘w: dx = r·(g∘w) − x·(r³·s/D), dw = Σ_rows r·p.
  gradient: ({ inputs: [x, weight], outputs: [, saved], attributes, outputGradients: [g], needs }) => {
    const r = x!.dtype === "float32" ? saved! : inverseRms(x!, epsilonOf(attributes));
    const width = x!.shape.at(-1) as number;
    const rows = elementCount(x!.shape.slice(0, -1));
    const p = reshape(mul(g!, x!), [rows, width]);
    const inverse = reshape(r, [rows, 1]);
    let dx: Tensor | null = null;
    if (needs[0]) {
      const s = reshape(gemm(p, reshape(weight!, [width, 1])), r.shape);
      const pull = mul(mul(mul(r, r), r), mul(s, scalar(s, 1 / width)));
      dx = sub(mul(mul(g!, weight!), r), mul(x!, pull));
    }
    const dw = needs[1] ? reshape(gemm(inverse, p, { transA: true }), [width]) : null;
    return [dx, dw];
  },
  cases: [
    [2, 4],
    [1, 3],
    [2, 3, 5],
    [1, 1, 2],
  ].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape }, { shape: [shape.at(-1)!] }],
    build: (x, w) => rmsNormalization(x!, w!, 1e-6),
  })),
};
