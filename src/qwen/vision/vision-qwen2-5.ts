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
} from "../../graph/index.ts";
import { type ParameterSource, rmsNorm, swiGlu } from "../../nn/index.ts";
import type { VisionConfig } from "../config/types.ts";
import {
  cellSize,
  EPSILON,
  imageAttention,
  mergeCells,
  type PatchLayout,
  patchGradient,
  visionAttention,
  type WindowIndices,
  windowAttention,
} from "./vision-layers.ts";

/** How attention is restricted to windows. */
type Windows =
  /** Additive, [1, 1, patches, patches]: 0 within a window, a large negative number across. */
  { kind: "mask"; mask: Tensor } | { kind: "apart"; rows: WindowIndices };

interface VisionInputs extends PatchLayout {
  windows: Windows;
}

function blockAttention(
  config: VisionConfig,
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  inputs: VisionInputs,
  full: boolean,
): Tensor {
  const { windows } = inputs;
  if (windows.kind === "mask")
    return visionAttention(config, parameter, name, x, inputs, full ? null : windows.mask);
  return full
    ? imageAttention(config, parameter, name, x, inputs)
    : windowAttention(config, parameter, name, x, inputs.rotary, windows.rows);
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
  const full = config.fullAttentionBlocks.includes(index);
  const attended = add(hidden, blockAttention(config, parameter, `${name}.attn`, x, inputs, full));
  const y = rmsNorm(parameter, `${name}.norm2`, attended, EPSILON);
  return add(attended, swiGlu(parameter, `${name}.mlp`, y, config.intermediateSize, { bias: true }));
}

/** Number of patches of a full window. */
export const windowPatches = ({ windowSize, mergeSize, patchSize }: VisionConfig): number =>
  (mergeSize * Math.floor(Math.floor(windowSize / mergeSize) / patchSize)) ** 2;

/**
 * Inputs: `patches` [I·P, C·t·p·p] in window order (groups of mergeSize² rows permuted by the window index), rotary
 * `cos`, `sin` [P, d/2] in the same order and `rows` [I, P] (0 … P−1 for each image), `windowMask` [1, 1, P, P]. With
 * `apart`, instead of the mask: `slots`, `positions` int64 [W, M], `back` int64 [I·P], `filled` [W, 1, 1, M] of W windows
 * of M patches (`WindowIndices`), and at least M rows of `cos` and `sin`. This takes a fraction of the time and memory;
 * results differ in the last bits.
 *
 * Outputs: `features` [I·P/mergeSize², outHiddenSize], still in window order; with `cells` also the input of
 * the merger, `cells` [I·P/mergeSize², cellSize]. With `gradient`, that of Σ `cotangent` · `features` by the patches.
 */
export function qwen25VisionGraph(
  config: VisionConfig,
  parameters: (graph: Graph) => ParameterSource,
  {
    apart = false,
    cells = false,
    gradient = false,
  }: { apart?: boolean; cells?: boolean; gradient?: boolean } = {},
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
  // the kernel requires tables as long as the sequences, and images may be smaller than a window
  const angles: Dim = apart ? "A" : patches;
  const windowMask = () => input(g, "windowMask", "float32", [1, 1, patches, patches]);
  const windowsApart = (): Windows => {
    const places = ["W", windowPatches(config)];
    const [slots, positions] = ["slots", "positions"].map((name) => input(g, name, "int64", places));
    const back = input(g, "back", "int64", [rows]);
    const mask = input(g, "filled", "float32", ["W", 1, 1, windowPatches(config)]);
    return { kind: "apart", rows: { slots: slots!, positions: positions!, back, mask } };
  };
  const inputs: VisionInputs = {
    images,
    patches,
    rotary: {
      cos: input(g, "cos", "float32", [angles, half]),
      sin: input(g, "sin", "float32", [angles, half]),
      rows: input(g, "rows", "int64", [images, patches]),
    },
    windows: apart ? windowsApart() : { kind: "mask", mask: windowMask() },
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
  const features = mergeCells(config, parameter, merged);
  output("features", features);
  if (gradient) patchGradient(pixels, [["cotangent", features]]);
  return g;
}
