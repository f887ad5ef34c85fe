import { ensure } from "../../util/index.ts";
import type { Dim } from "../dims.ts";
import { type Attributes, apply, type Operator, type Tensor } from "../tensor.ts";
import { matMul } from "./mat-mul.ts";
import { mul, scaled } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { swapLast, transpose } from "./transpose.ts";

/**
 * softmax(α·Q·Kᵀ)·V, head by head, every token seeing every other: q [B, T, heads·d], k and v [B, S, heads·d]; the
 * result is shaped like q. The kernel goes through the keys in blocks (Dao et al. 2022, arXiv 2205.14135): the scores
 * [B, heads, T, S] never stand in memory.
 */
export const multiHeadAttention = (q: Tensor, k: Tensor, v: Tensor, heads: number, alpha: number): Tensor =>
  apply(MultiHeadAttention, [q, k, v], { num_heads: heads, scale: { float: alpha } });

const alphaOf = (attributes: Attributes): number => (attributes.scale as { float: number }).float;

/** [B, T, heads·d] → [B, heads, T, d], and back. */
function split(x: Tensor, heads: number): Tensor {
  const [B, T, width] = x.shape as [Dim, Dim, number];
  return transpose(reshape(x, [B, T, heads, width / heads]), [0, 2, 1, 3]);
}
const merge = (x: Tensor, like: Tensor): Tensor => reshape(transpose(x, [0, 2, 1, 3]), like.shape);

export const MultiHeadAttention: Operator = {
  name: "MultiHeadAttention",
  infer: ([q, k, v], { num_heads }) => {
    const [B, , width] = q!.shape;
    const fits =
      q!.shape.length === 3 &&
      k!.shape.length === 3 &&
      k!.shape[0] === B &&
      k!.shape[2] === width &&
      v!.shape.join() === k!.shape.join() &&
      (width as number) % (num_heads as number) === 0;
    ensure(fits, "graph", () => ({
      where: "MultiHeadAttention",
      expected: `q [B, T, ${num_heads}·d], k and v [B, S, ${num_heads}·d]`,
      got: [q!, k!, v!].map(({ shape }) => `[${shape}]`).join(", "),
    }));
    return [{ dtype: q!.dtype, shape: q!.shape }];
  },
  onnx: ({ inputs, outputs, attributes }) => ({
    type: "MultiHeadAttention",
    domain: "com.microsoft",
    inputs,
    outputs,
    attributes,
  }),
  compose: ([q, k, v], attributes) => {
    const heads = attributes.num_heads as number;
    const scores = matMul(scaled(split(q!, heads), alphaOf(attributes)), swapLast(split(k!, heads)));
    return [merge(matMul(softmax(scores), split(v!, heads)), q!)];
  },
  // WebGPU's kernel is wrong from 32 tokens on (ONNX Runtime 1.30, docs/devices.md).
  deviceReplacement: ({ inputs, attributes }, { device }) =>
    device === "webgpu" ? MultiHeadAttention.compose!(inputs, attributes) : null,
  gradient: ({ inputs, attributes, outputGradients, needs }) => {
    const heads = attributes.num_heads as number;
    const [q, k, v, g] = [...inputs, outputGradients[0]!].map((t) => split(t!, heads)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const alpha = alphaOf(attributes);
    const weights = softmax(matMul(scaled(q, alpha), swapLast(k)));
    const dv = needs[2] ? merge(matMul(swapLast(weights), g), inputs[2]!) : null;
    if (!needs[0] && !needs[1]) return [null, null, dv];
    const dWeights = matMul(g, swapLast(v));
    const dScores = scaled(mul(weights, sub(dWeights, reduceSum(mul(dWeights, weights), [-1], true))), alpha);
    return [
      needs[0] ? merge(matMul(dScores, k), inputs[0]!) : null,
      needs[1] ? merge(matMul(swapLast(dScores), q), inputs[1]!) : null,
      dv,
    ];
  },
  cases: (
    [
      ["one head", 1, [1, 2, 3], 2],
      ["a batch", 2, [2, 3, 4], 2],
      ["one token", 2, [1, 1, 4], 1],
      ["more keys than queries", 2, [2, 2, 6], 3],
    ] as const
  ).map(([name, heads, shape, keys]) => ({
    name,
    inputs: [{ shape }, { shape: [shape[0], keys, shape[2]] }, { shape: [shape[0], keys, shape[2]] }],
    build: (q, k, v) => multiHeadAttention(q!, k!, v!, heads, 0.7),
  })),
};
