/** The vision tower of Qwen2.5-VL (`Qwen2_5_VisionTransformerPretrainedModel`) for images of one grid size. */
import {
  add,
  createGraph,
  type Dim,
  type Graph,
  gemm,
  input,
  multiplyDims,
  output,
  reshape,
  type Tensor,
} from "../graph/index.ts";
import { type ParameterSource, rmsNorm, swiGlu } from "../nn/index.ts";
import type { VisionConfig } from "./config.ts";
import { cellSize, EPSILON, mergeCells, type PatchRows, visionAttention } from "./vision-layers.ts";

interface VisionInputs extends PatchRows {
  /** Additive, [1, 1, patches, patches]: 0 within a window, a large negative number across. */
  windowMask: Tensor;
}

function visionBlock(
  config: VisionConfig,
  parameter: ParameterSource,
  hidden: Tensor,
  index: number,
  inputs: VisionInputs,
): Tensor {
  const name = `visual.blocks.${index}`;
  const x = rmsNorm(parameter, `${name}.norm1`, hidden, EPSILON);
  const mask = config.fullAttentionBlocks.includes(index) ? null : inputs.windowMask;
  const attended = add(hidden, visionAttention(config, parameter, `${name}.attn`, x, inputs, mask));
  const y = rmsNorm(parameter, `${name}.norm2`, attended, EPSILON);
  return add(attended, swiGlu(parameter, `${name}.mlp`, y, config.intermediateSize, { bias: true }));
}

/**
 * Inputs: `patches` [I·P, C·t·p·p] in window order (groups of mergeSize² rows permuted by the window index), rotary
 * `cos`, `sin` [P, d/2] in the same order and `rows` [I, P] (0 … P−1 for each image), `windowMask` [1, 1, P, P].
 *
 * Outputs: `features` [I·P/mergeSize², outHiddenSize], still in window order; with `cells` also what the merger makes
 * them of, `cells` [I·P/mergeSize², cellSize].
 */
export function visionGraph(
  config: VisionConfig,
  parameters: (graph: Graph) => ParameterSource,
  { cells = false }: { cells?: boolean } = {},
): Graph {
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
    cellSize(config),
  ]);
  if (cells) output("cells", merged);
  output("features", mergeCells(config, parameter, merged));
  return g;
}
