/**
 * Cases for devices alone: sizes at which their kernels take other ways than at the operators' own cases (vectors of four,
 * tiles, several workgroups, axes of length 0). Their gradients are known to be right by the small cases on the CPU.
 */
import { add } from "./operators/add.ts";
import { attention } from "./operators/attention.ts";
import { concat } from "./operators/concat.ts";
import { fusedMatMul } from "./operators/fused-mat-mul.ts";
import { gather } from "./operators/gather.ts";
import { gemm } from "./operators/gemm.ts";
import { groupQueryAttention } from "./operators/group-query-attention.ts";
import { logSoftmax } from "./operators/log-softmax.ts";
import { matMul } from "./operators/mat-mul.ts";
import { matMulNBits } from "./operators/mat-mul-n-bits.ts";
import { multiHeadAttention } from "./operators/multi-head-attention.ts";
import { reduceMean } from "./operators/reduce-mean.ts";
import { reduceSum } from "./operators/reduce-sum.ts";
import type { OperatorName } from "./operators/registry.ts";
import { rmsNormalization } from "./operators/rms-normalization.ts";
import { rotaryEmbedding } from "./operators/rotary-embedding.ts";
import { scatterAdd } from "./operators/scatter-nd.ts";
import { silu } from "./operators/silu.ts";
import { softmax } from "./operators/softmax.ts";
import { swapLast, transpose } from "./operators/transpose.ts";
import { constant, type Graph, type OperatorCase, type Tensor } from "./tensor.ts";

const caseOf = (shapes: number[][], build: OperatorCase["build"], name = ""): OperatorCase => ({
  name: `${shapes.map((shape) => `[${shape}]`).join(" and ")}${name && `, ${name}`}`,
  inputs: shapes.map((shape) => ({ shape })),
  build,
});

/** A matrix of `bits` bits whose bytes and scales follow from their place. */
function quantized(x: Tensor, outputs: number, bits: 4 | 8, block: number): Tensor {
  const blocks = Math.ceil((x.shape[1] as number) / block);
  const bytes = (block * bits) / 8;
  const numbers = Array.from({ length: outputs * blocks * bytes }, (_, i) => (i * 97 + 13) % 256);
  const factors = Array.from({ length: outputs * blocks }, (_, i) => 0.01 * (1 + (i % 5)));
  const packed = constant(x.graph, "uint8", [outputs, blocks, bytes], numbers);
  const scales = constant(x.graph, "float32", [outputs, blocks], factors);
  return matMulNBits(x, { packed, scales }, bits, { accuracy: 1 });
}

/** A causal prompt of `T` tokens with an empty cache. */
function promptAttention([q, k, v]: readonly Tensor[], [B, T, heads, kvHeads, d]: readonly number[]): Tensor {
  const g = q!.graph;
  const bias = Array.from({ length: B! * T! * T! }, (_, i) => (i % T! > Math.floor(i / T!) % T! ? -1e9 : 0));
  const nothing = (): Tensor => constant(g, "float32", [B!, kvHeads!, 0, d!], []);
  const { context } = groupQueryAttention(
    {
      ...{ q: q!, k: k!, v: v!, pastK: nothing(), pastV: nothing() },
      lengths: constant(g, "int32", [B!], Array<number>(B!).fill(T! - 1)),
      total: constant(g, "int32", [], [T!]),
      bias: constant(g, "float32", [B!, 1, T!, T!], bias),
    },
    heads!,
    d! ** -0.5,
  );
  return context;
}

/** Angles of `rows` positions and `half` frequencies. */
function rotated(x: Tensor, heads: number): Tensor {
  const [B, T, width] = x.shape as number[] as [number, number, number];
  const half = width / heads / 2;
  const table = (f: (angle: number) => number): Tensor =>
    constant(
      x.graph,
      "float32",
      [B * T, half],
      Array.from({ length: B * T * half }, (_, i) => f(Math.floor(i / half) * 100 ** (-(i % half) / half))),
    );
  const rows = constant(
    x.graph,
    "int64",
    [B, T],
    Array.from({ length: B * T }, (_, i) => i),
  );
  return rotaryEmbedding(x, heads, table(Math.cos), table(Math.sin), rows);
}

const causal = (g: Graph, T: number): Tensor =>
  constant(
    g,
    "float32",
    [1, 1, 1, T, T],
    Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e9 : 0)),
  );

export const deviceCases: Partial<Record<OperatorName, OperatorCase[]>> = {
  Add: [caseOf([[70, 96], [96]], (a, b) => add(a!, b!))],
  Attention: [
    caseOf(
      [
        [36, 2, 2, 2, 48],
        [36, 2, 2, 1, 48],
        [36, 2, 2, 1, 48],
      ],
      (q, k, v) => attention(q!, k!, v!, causal(q!.graph, 36), 48 ** -0.5),
    ),
  ],
  Concat: [
    caseOf(
      [
        [3, 0, 8],
        [3, 5, 8],
      ],
      (a, b) => concat([a!, b!], 1),
      "nothing in front",
    ),
  ],
  FusedMatMul: [
    caseOf(
      [
        [36, 2, 3, 32],
        [36, 2, 1, 32],
      ],
      (a, b) => fusedMatMul(a!, b!, { transBatchA: true, transBatchB: true, transB: true, alpha: 0.2 }),
    ),
  ],
  Gather: [
    caseOf([[40, 96]], (x) =>
      gather(
        x!,
        constant(
          x!.graph,
          "int64",
          [200],
          Array.from({ length: 200 }, (_, i) => (i * i) % 40),
        ),
      ),
    ),
  ],
  Gemm: [
    caseOf([[130, 96], [96, 192], [192]], (a, b, c) => gemm(a!, b!, { bias: c! })),
    caseOf(
      [
        [130, 96],
        [130, 64],
      ],
      (a, b) => gemm(a!, b!, { transA: true }),
      "transposed left",
    ),
    caseOf(
      [
        [37, 96],
        [65, 96],
      ],
      (a, b) => gemm(a!, b!, { transB: true }),
      "transposed right",
    ),
  ],
  GroupQueryAttention: [
    caseOf(
      [
        [2, 40, 64],
        [2, 40, 32],
        [2, 40, 32],
      ],
      (...rows) => promptAttention(rows, [2, 40, 4, 2, 16]),
    ),
  ],
  LogSoftmax: [caseOf([[36, 517]], (x) => logSoftmax(x!))],
  MatMul: [
    caseOf(
      [
        [64, 96],
        [96, 192],
      ],
      (a, b) => matMul(a!, b!),
    ),
    caseOf(
      [
        [1, 256],
        [256, 130],
      ],
      (a, b) => matMul(a!, b!),
    ),
    caseOf(
      [
        [2, 3, 33, 48],
        [2, 3, 48, 17],
      ],
      (a, b) => matMul(a!, b!),
    ),
    caseOf(
      [
        [4, 2, 8, 64],
        [4, 2, 64, 1],
      ],
      (a, b) => matMul(a!, b!),
    ),
  ],
  MatMulNBits: [
    caseOf([[1, 256]], (x) => quantized(x!, 64, 4, 32)),
    caseOf([[40, 256]], (x) => quantized(x!, 64, 4, 32)),
    caseOf([[40, 128]], (x) => quantized(x!, 48, 8, 32), "8 bits"),
  ],
  MultiHeadAttention: [
    caseOf(
      [
        [2, 40, 128],
        [2, 40, 128],
        [2, 40, 128],
      ],
      (q, k, v) => multiHeadAttention(q!, k!, v!, 2, 0.125),
    ),
  ],
  ReduceMean: [caseOf([[70, 300]], (x) => reduceMean(x!, [1], true))],
  ReduceSum: [
    caseOf([[300, 70]], (x) => reduceSum(x!, [0])),
    caseOf([[8, 33, 70]], (x) => reduceSum(x!, [0, 1, 2])),
  ],
  RMSNormalization: [
    caseOf([[130, 96], [96]], (x, w) => rmsNormalization(x!, w!, 1e-6)),
    caseOf([[3, 1030], [1030]], (x, w) => rmsNormalization(x!, w!, 1e-6)),
  ],
  RotaryEmbedding: [caseOf([[2, 36, 96]], (x) => rotated(x!, 2))],
  ScatterND: [
    caseOf(
      [
        [40, 96],
        [200, 96],
      ],
      (x, updates) => {
        const rows = Array.from({ length: 200 }, (_, i) => (i * i) % 40);
        return scatterAdd(x!, constant(x!.graph, "int64", [200, 1], rows), updates!);
      },
    ),
  ],
  Silu: [caseOf([[70, 192]], (x) => silu(x!))],
  Transpose: [
    caseOf([[3, 5, 2, 4, 12]], (x) => transpose(x!, [0, 3, 1, 2, 4])),
    caseOf([[70, 96]], (x) => swapLast(x!)),
  ],
  Softmax: [caseOf([[8, 1030]], (x) => softmax(x!)), caseOf([[2, 3, 36, 36]], (x) => softmax(x!))],
};
