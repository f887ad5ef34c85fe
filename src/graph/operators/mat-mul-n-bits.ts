import { ensure } from "../../util/index.ts";
import { type Attributes, apply, constant, type Operator, type Tensor, type TensorType } from "../tensor.ts";
import { cast } from "./cast.ts";
import { gather } from "./gather.ts";
import { gemm } from "./gemm.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sumTo } from "./sum-to.ts";

/** A matrix [outputs, inputs] in whole numbers of 4 or 8 bits, a scale for every `block` of a row. */
export interface QuantizedMatrix {
  /** uint8 [outputs, ⌈inputs/block⌉, block·bits/8]; of two numbers in one byte the first is in the lower half. */
  packed: Tensor;
  /** float32 [outputs, ⌈inputs/block⌉]. */
  scales: Tensor;
}

export type QuantizedBits = 4 | 8;

/** Numbers that share a scale, as the matrix is packed. */
const blockSize = ({ shape }: TensorType, bits: number): number => ((shape[2] as number) * 8) / bits;

/**
 * x·Wᵀ (+ bias [outputs]) for a quantised W: value = scale · (number − 8) at 4 bits, scale · (number − 128) at 8. `x`
 * [rows, inputs] → [rows, outputs]. The kernel rounds rows of x to 8 bits too, in blocks of the same size (`accuracy_level` 4): several
 * times as fast as products in float32, and an order of magnitude closer than the weights' own rounding at 4 bits.
 */
export const matMulNBits = (
  x: Tensor,
  { packed, scales }: QuantizedMatrix,
  bits: QuantizedBits,
  { bias, accuracy = 4 }: { bias?: Tensor; accuracy?: 0 | 1 | 4 } = {},
): Tensor =>
  apply(MatMulNBits, [x, packed, scales, ...(bias ? [bias] : [])], {
    K: x.shape[1] as number,
    N: packed.shape[0] as number,
    bits,
    block_size: blockSize(packed, bits),
    accuracy_level: accuracy,
  });

/** The matrix in the precision of `like`, from a table of what each byte stands for. */
function dequantised(like: Tensor, packed: Tensor, scales: Tensor, { K, bits }: Attributes): Tensor {
  const [outputs, blocks] = packed.shape as number[];
  const perByte = 8 / (bits as number);
  const of = (byte: number): number[] => (bits === 8 ? [byte - 128] : [(byte & 15) - 8, (byte >> 4) - 8]);
  const values = Array.from({ length: 256 }, (_, byte) => of(byte)).flat();
  const table = constant(like.graph, like.dtype, [256, perByte], values);
  const block = blockSize(packed, bits as number);
  const numbers = reshape(gather(table, cast(packed, "int64")), [outputs!, blocks!, block]);
  const scaled = mul(numbers, reshape(cast(scales, like.dtype), [outputs!, blocks!, 1]));
  // The last block may reach beyond the row.
  return slice(reshape(scaled, [outputs!, blocks! * block]), 1, 0, K as number);
}

export const MatMulNBits: Operator = {
  name: "MatMulNBits",
  infer: ([x, packed, scales, bias], { K, N, bits, block_size }) => {
    const blocks = Math.ceil((K as number) / (block_size as number));
    const bytes = ((block_size as number) * (bits as number)) / 8;
    ensure(
      x!.shape.length === 2 &&
        x!.shape[1] === K &&
        packed!.dtype === "uint8" &&
        packed!.shape.join() === [N, blocks, bytes].join() &&
        scales!.dtype === "float32" &&
        scales!.shape.join() === [N, blocks].join() &&
        (!bias || bias.shape.join() === [N].join()),
      "graph",
      () => ({
        where: "MatMulNBits",
        expected: `x [rows, ${K}], uint8 [${N}, ${blocks}, ${bytes}], float32 [${N}, ${blocks}], a bias of [${N}]`,
        got: [x!, packed!, scales!, ...(bias ? [bias] : [])]
          .map(({ dtype, shape }) => `${dtype} [${shape}]`)
          .join(", "),
      }),
    );
    return [{ dtype: x!.dtype, shape: [x!.shape[0]!, N as number] }];
  },
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "MatMulNBits",
    domain: "com.microsoft",
    // No zero points, no order of groups: whole numbers are counted from the middle of their range.
    inputs: inputs.length > 3 ? [...inputs.slice(0, 3), null, null, inputs[3]!] : inputs,
    outputs,
    attributes,
  }),
  // Rounded matrices are not trained; what flows back to the rows meets the very matrix that the product stands for.
  gradient: ({ inputs: [, packed, scales, bias], attributes, outputGradients: [g] }) => [
    gemm(g!, dequantised(g!, packed!, scales!, attributes)),
    null,
    null,
    ...(bias ? [sumTo(g!, bias)] : []),
  ],
  compose: ([x, packed, scales, bias], attributes) => [
    gemm(x!, dequantised(x!, packed!, scales!, attributes), { transB: true, ...(bias && { bias }) }),
  ],
  cases: (
    [
      [1, 32, 1, 4, 32, false],
      [3, 64, 5, 4, 32, true],
      [2, 32, 3, 8, 32, false],
      [2, 44, 3, 4, 32, false],
      [1, 96, 2, 8, 64, true],
      [2, 160, 3, 8, 128, false],
    ] as const
  ).map(([rows, inputs, outputs, bits, block, biased]) => ({
    name: `[${rows}, ${inputs}] by ${outputs} rows of ${bits} bits in blocks of ${block}${biased ? ", bias" : ""}`,
    inputs: [{ shape: [rows, inputs] }, ...(biased ? [{ shape: [outputs] }] : [])],
    build: (x, bias) => {
      const blocks = Math.ceil(inputs / block);
      const bytes = (block * bits) / 8;
      const count = outputs * blocks;
      const numbers = Array.from({ length: count * bytes }, (_, i) => (i * 97 + 13) % 256);
      const factors = Array.from({ length: count }, (_, i) => 0.01 * (1 + (i % 5)));
      const packed = constant(x!.graph, "uint8", [outputs, blocks, bytes], numbers);
      const scales = constant(x!.graph, "float32", [outputs, blocks], factors);
      // Rows of x as they are: what is checked here is the matrix.
      return matMulNBits(x!, { packed, scales }, bits, { accuracy: 1, ...(bias && { bias }) });
    },
  })),
};
