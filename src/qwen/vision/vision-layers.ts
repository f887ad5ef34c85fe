/** Layers that the vision towers of both architectures share. */
import {
  add,
  type Dim,
  erf,
  gather,
  gradients,
  input,
  matMul,
  mul,
  multiHeadAttention,
  multiplyDims,
  output,
  reduceSum,
  reshape,
  rotaryEmbedding,
  scalar,
  sigmoid,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import { linear, type ParameterSource } from "../../nn/index.ts";
import type { VisionConfig } from "../config/types.ts";

/** Epsilon of every norm of the towers; fixed in the reference code. */
export const EPSILON = 1e-6;

/** x·Φ(x), exact. */
export const gelu = (x: Tensor): Tensor =>
  mul(mul(x, scalar(x, 0.5)), add(erf(mul(x, scalar(x, Math.SQRT1_2))), scalar(x, 1)));

/** PyTorch's gelu(approximate="tanh"): x·(1 + tanh(u))/2 = x·σ(2u) with u = √(2/π)·(x + 0.044715·x³). */
export function geluTanh(x: Tensor): Tensor {
  const factor = 2 * Math.sqrt(2 / Math.PI);
  const slope = add(mul(mul(x, x), scalar(x, 0.044715 * factor)), scalar(x, factor));
  return mul(x, sigmoid(mul(x, slope)));
}

/**
 * Input width of the merger: the normalized states of mergeSize² patches, which become one token.
 *
 * @example
 * cellSize({ mergeSize: 2, hiddenSize: 1280 }); // 5120
 */
export const cellSize = ({ mergeSize, hiddenSize }: Pick<VisionConfig, "mergeSize" | "hiddenSize">): number =>
  mergeSize ** 2 * hiddenSize;

const mergerLayers = { qwen2_5: ["mlp.0", "mlp.2"], qwen3: ["linear_fc1", "linear_fc2"] } as const;

/**
 * The tower's last two layers: cells [rows, cellSize] → merged features [rows, outHiddenSize].
 * `Qwen2_5_VLPatchMerger`, `Qwen3VLVisionPatchMerger` behind their norms.
 */
export function mergeCells(
  config: VisionConfig,
  parameter: ParameterSource,
  cells: Tensor,
  name = "visual.merger",
): Tensor {
  const [inner, outer] = mergerLayers[config.kind];
  const between = gelu(linear(parameter, `${name}.${inner}`, cells, cellSize(config), { bias: true }));
  return linear(parameter, `${name}.${outer}`, between, config.outHiddenSize, { bias: true });
}

/** Output `gradient`: that of Σ cotangent · made by the patches; cotangents are inputs by their names. */
export function patchGradient(
  patches: Tensor,
  made: readonly (readonly [name: string, made: Tensor])[],
): void {
  const parts = made.map(([name, each]) =>
    reduceSum(mul(input(each.graph, name, "float32", each.shape), each), [0, 1]),
  );
  const [gradient] = gradients(parts.reduce(add), [patches]);
  output("gradient", gradient!);
}

export interface PatchLayout {
  images: Dim;
  /** Patches per image. */
  patches: Dim;
  rotary: { cos: Tensor; sin: Tensor; rows: Tensor };
}

/** Queries (0) and keys (1), rotated, and values (2) of the patches of each image [images, patches, hiddenSize]. */
function patchParts(
  { hiddenSize, heads }: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  { images, patches, rotary }: PatchLayout,
): (part: 0 | 1 | 2) => Tensor {
  const qkv = linear(parameter, `${name}.qkv`, x, 3 * hiddenSize, { bias: true });
  return (i) => {
    const rows = reshape(slice(qkv, 1, i * hiddenSize, (i + 1) * hiddenSize), [images, patches, hiddenSize]);
    return i < 2 ? rotaryEmbedding(rows, heads, rotary.cos, rotary.sin, rotary.rows) : rows;
  };
}

/** Full self-attention among the patches of each image, [rows, hiddenSize] → the same. */
export function imageAttention(
  config: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  rows: PatchLayout,
): Tensor {
  const { hiddenSize, heads } = config;
  const part = patchParts(config, parameter, name, x, rows);
  const context = multiHeadAttention(part(0), part(1), part(2), heads, Math.sqrt(heads / hiddenSize));
  const merged = reshape(context, [multiplyDims(rows.images, rows.patches), hiddenSize]);
  return linear(parameter, `${name}.proj`, merged, hiddenSize, { bias: true });
}

/** Attention among the m rows of each of n groups, parts [n, m, hiddenSize] → [n, m, heads, d]; `mask` is added to the scores. */
function groupAttention(
  { hiddenSize, heads }: VisionConfig,
  placed: (part: 0 | 1 | 2) => Tensor,
  mask: Tensor | null,
): Tensor {
  const d = hiddenSize / heads;
  const part = (i: 0 | 1 | 2): Tensor => {
    const rows = placed(i);
    return transpose(reshape(rows, [rows.shape[0]!, rows.shape[1]!, heads, d]), [0, 2, 1, 3]);
  };
  const queries = part(0);
  const q = mul(queries, scalar(queries, 1 / Math.sqrt(d)));
  const scores = matMul(q, transpose(part(1), [0, 1, 3, 2]));
  const weights = softmax(mask ? add(scores, mask) : scores);
  return transpose(matMul(weights, part(2)), [0, 2, 1, 3]);
}

/** Self-attention among the patches of each image, [rows, hiddenSize] → the same; `mask` is added to the scores. */
export function visionAttention(
  config: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  rowsOf: PatchLayout,
  mask: Tensor | null,
): Tensor {
  const { images, patches } = rowsOf;
  const context = groupAttention(config, patchParts(config, parameter, name, x, rowsOf), mask);
  const rows = reshape(context, [multiplyDims(images, patches), config.hiddenSize]);
  return linear(parameter, `${name}.proj`, rows, config.hiddenSize, { bias: true });
}

/** Patch indices of windows; windows at the border of an image are padded with masked rows. */
export interface WindowIndices {
  /** int64 [windows, window patches]: the row of every window slot, and its position within the image. */
  slots: Tensor;
  positions: Tensor;
  /** int64 [rows]: the window slot of every row, counted over all windows. */
  back: Tensor;
  /** Additive, [windows, 1, 1, window patches]: masks padding. */
  mask: Tensor;
}

/**
 * Self-attention among the patches of each window, [rows, hiddenSize] → the same. Computes scores within windows only: for
 * 1,024 patches in windows of 64 a sixteenth of all.
 */
export function windowAttention(
  config: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  { cos, sin }: { cos: Tensor; sin: Tensor },
  { slots, positions, back, mask }: WindowIndices,
): Tensor {
  const { hiddenSize, heads } = config;
  const qkv = linear(parameter, `${name}.qkv`, x, 3 * hiddenSize, { bias: true });
  const byWindow = gather(qkv, slots);
  const placed = (i: 0 | 1 | 2): Tensor => {
    const rows = slice(byWindow, 2, i * hiddenSize, (i + 1) * hiddenSize);
    return i < 2 ? rotaryEmbedding(rows, heads, cos, sin, positions) : rows;
  };
  const context = groupAttention(config, placed, mask);
  const places = reshape(context, [multiplyDims(...slots.shape), hiddenSize]);
  return linear(parameter, `${name}.proj`, gather(places, back), hiddenSize, { bias: true });
}
