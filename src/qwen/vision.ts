/** The vision tower of Qwen2.5-VL (`Qwen2_5_VisionTransformerPretrainedModel`) for images of one grid size. */
import {
  add,
  createGraph,
  type Dim,
  erf,
  type Graph,
  gemm,
  input,
  matMul,
  mul,
  multiplyDims,
  output,
  reshape,
  rotaryEmbedding,
  scalar,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import { linear, type ParameterSource, rmsNorm, swiGlu } from "../nn/index.ts";
import type { VisionConfig } from "./config.ts";

/** Epsilon of every RMSNorm of the tower; fixed in the reference code. */
const EPSILON = 1e-6;

/** x·Φ(x), exact. */
const gelu = (x: Tensor): Tensor =>
  mul(mul(x, scalar(x, 0.5)), add(erf(mul(x, scalar(x, Math.SQRT1_2))), scalar(x, 1)));

interface VisionInputs {
  images: Dim;
  /** Patches per image. */
  patches: Dim;
  rotary: { cos: Tensor; sin: Tensor; rows: Tensor };
  /** Additive, [1, 1, patches, patches]: 0 within a window, a large negative number across. */
  windowMask: Tensor;
}

function visionBlock(
  config: VisionConfig,
  parameter: ParameterSource,
  hidden: Tensor,
  index: number,
  { images, patches, rotary, windowMask }: VisionInputs,
): Tensor {
  const { hiddenSize, heads, intermediateSize, fullAttentionBlocks } = config;
  const name = `visual.blocks.${index}`;
  const d = hiddenSize / heads;
  const x = rmsNorm(parameter, `${name}.norm1`, hidden, EPSILON);
  const qkv = linear(parameter, `${name}.attn.qkv`, x, 3 * hiddenSize, { bias: true });
  const part = (i: number, rotate: boolean): Tensor => {
    const rows = reshape(slice(qkv, 1, i * hiddenSize, (i + 1) * hiddenSize), [images, patches, hiddenSize]);
    const placed = rotate ? rotaryEmbedding(rows, heads, rotary.cos, rotary.sin, rotary.rows) : rows;
    return transpose(reshape(placed, [images, patches, heads, d]), [0, 2, 1, 3]);
  };
  const q = mul(part(0, true), scalar(qkv, 1 / Math.sqrt(d)));
  const scores = matMul(q, transpose(part(1, true), [0, 1, 3, 2]));
  const weights = softmax(fullAttentionBlocks.includes(index) ? scores : add(scores, windowMask));
  const context = transpose(matMul(weights, part(2, false)), [0, 2, 1, 3]);
  const rows = reshape(context, [multiplyDims(images, patches), hiddenSize]);
  const attended = add(hidden, linear(parameter, `${name}.attn.proj`, rows, hiddenSize, { bias: true }));
  const y = rmsNorm(parameter, `${name}.norm2`, attended, EPSILON);
  return add(attended, swiGlu(parameter, `${name}.mlp`, y, intermediateSize, { bias: true }));
}

/**
 * Inputs: `patches` [I·P, C·t·p·p] in window order (groups of mergeSize² rows permuted by the window index), rotary
 * `cos`, `sin` [P, d/2] in the same order and `rows` [I, P] (0 … P−1 for each image), `windowMask` [1, 1, P, P].
 *
 * Output: `features` [I·P/mergeSize², outHiddenSize], still in window order.
 */
export function visionGraph(config: VisionConfig, parameters: (graph: Graph) => ParameterSource): Graph {
  const g = createGraph("vision");
  const parameter = parameters(g);
  const merge = config.mergeSize ** 2;
  // Patches are counted in merge units, so that the merger's reshape stays symbolic.
  const [images, units]: [Dim, Dim] = ["I", "U"];
  const patches = multiplyDims(merge, units);
  const rows = multiplyDims(images, patches);
  const half = config.hiddenSize / config.heads / 2;
  const { channels, temporalPatchSize, patchSize } = config;
  const patchDim = channels * temporalPatchSize * patchSize ** 2;
  const pixels = input(g, "patches", "float32", [rows, patchDim]);
  const inputs: VisionInputs = {
    images,
    patches,
    rotary: {
      cos: input(g, "cos", "float32", [patches, half]),
      sin: input(g, "sin", "float32", [patches, half]),
      rows: input(g, "rows", "int64", [images, patches]),
    },
    windowMask: input(g, "windowMask", "float32", [1, 1, patches, patches]),
  };
  const weight = parameter("visual.patch_embed.proj.weight", [
    config.hiddenSize,
    channels,
    temporalPatchSize,
    patchSize,
    patchSize,
  ]);
  let hidden = gemm(pixels, reshape(weight, [config.hiddenSize, patchDim]), { transB: true });
  for (let i = 0; i < config.depth; i++) hidden = visionBlock(config, parameter, hidden, i, inputs);
  const merged = reshape(rmsNorm(parameter, "visual.merger.ln_q", hidden, EPSILON), [
    multiplyDims(images, units),
    merge * config.hiddenSize,
  ]);
  const inner = gelu(
    linear(parameter, "visual.merger.mlp.0", merged, merge * config.hiddenSize, { bias: true }),
  );
  output("features", linear(parameter, "visual.merger.mlp.2", inner, config.outHiddenSize, { bias: true }));
  return g;
}
