/** What the vision towers of both architectures share. */
import {
  add,
  type Dim,
  erf,
  matMul,
  mul,
  multiplyDims,
  reshape,
  rotaryEmbedding,
  scalar,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import { linear, type ParameterSource } from "../nn/index.ts";
import type { VisionConfig } from "./config.ts";

/** Epsilon of every norm of the towers; fixed in the reference code. */
export const EPSILON = 1e-6;

/** x·Φ(x), exact. */
export const gelu = (x: Tensor): Tensor =>
  mul(mul(x, scalar(x, 0.5)), add(erf(mul(x, scalar(x, Math.SQRT1_2))), scalar(x, 1)));

export interface PatchRows {
  images: Dim;
  /** Patches per image. */
  patches: Dim;
  rotary: { cos: Tensor; sin: Tensor; rows: Tensor };
}

/** Self-attention among the patches of each image, [rows, hiddenSize] → the same; `mask` is added to the scores. */
export function visionAttention(
  { hiddenSize, heads }: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  { images, patches, rotary }: PatchRows,
  mask: Tensor | null,
): Tensor {
  const d = hiddenSize / heads;
  const qkv = linear(parameter, `${name}.qkv`, x, 3 * hiddenSize, { bias: true });
  const part = (i: number, rotate: boolean): Tensor => {
    const rows = reshape(slice(qkv, 1, i * hiddenSize, (i + 1) * hiddenSize), [images, patches, hiddenSize]);
    const placed = rotate ? rotaryEmbedding(rows, heads, rotary.cos, rotary.sin, rotary.rows) : rows;
    return transpose(reshape(placed, [images, patches, heads, d]), [0, 2, 1, 3]);
  };
  const q = mul(part(0, true), scalar(qkv, 1 / Math.sqrt(d)));
  const scores = matMul(q, transpose(part(1, true), [0, 1, 3, 2]));
  const weights = softmax(mask ? add(scores, mask) : scores);
  const context = transpose(matMul(weights, part(2, false)), [0, 2, 1, 3]);
  const rows = reshape(context, [multiplyDims(images, patches), hiddenSize]);
  return linear(parameter, `${name}.proj`, rows, hiddenSize, { bias: true });
}
