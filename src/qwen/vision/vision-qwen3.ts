/** The vision tower of Qwen3-VL (`Qwen3VLVisionModel`) for images of one grid size. */
import {
  add,
  createGraph,
  type Dim,
  type Graph,
  gather,
  gemm,
  input,
  mul,
  multiplyDims,
  output,
  reduceSum,
  reshape,
  type Tensor,
} from "../../graph/index.ts";
import { layerNorm, linear, type ParameterSource } from "../../nn/index.ts";
import type { VisionConfig } from "../config/types.ts";
import {
  cellSize,
  EPSILON,
  geluTanh,
  imageAttention,
  mergeCells,
  type PatchLayout,
  patchGradient,
} from "./vision-layers.ts";

/** Learned positions of the patches [patches, width]: a weighted sum of four rows of the table each. */
function learnedPositions(
  graph: Graph,
  config: VisionConfig,
  parameter: ParameterSource,
  patches: Dim,
): Tensor {
  const table = parameter("visual.pos_embed.weight", [config.positionSide ** 2, config.hiddenSize]);
  const corners = gather(table, input(graph, "corners", "int64", [4, patches]));
  return reduceSum(mul(corners, input(graph, "cornerWeights", "float32", [4, patches, 1])), [0]);
}

function visionBlock(
  config: VisionConfig,
  parameter: ParameterSource,
  hidden: Tensor,
  name: string,
  rows: PatchLayout,
): Tensor {
  const x = layerNorm(parameter, `${name}.norm1`, hidden, EPSILON);
  const attended = add(hidden, imageAttention(config, parameter, `${name}.attn`, x, rows));
  const y = layerNorm(parameter, `${name}.norm2`, attended, EPSILON);
  const inner = linear(parameter, `${name}.mlp.linear_fc1`, y, config.intermediateSize, { bias: true });
  const out = linear(parameter, `${name}.mlp.linear_fc2`, geluTanh(inner), config.hiddenSize, { bias: true });
  return add(attended, out);
}

/**
 * Inputs: `patches` [I·P, C·t·p·p] in merge order, rotary `cos`, `sin` [P, d/2] and `rows` [I, P] (0 … P−1 for each
 * image), `corners` int64 [4, P] and `cornerWeights` [4, P, 1] as `interpolatedPositions` gives them.
 *
 * Outputs: `features` [I·P/mergeSize², outHiddenSize], and `deep.i` of the same shape for each of `deepstackBlocks`; with
 * `cells` also the input of the merger, `cells` [I·P/mergeSize², cellSize]. With `gradient`, that of Σ `cotangent` ·
 * `features` + Σ `cotangent.i` · `deep.i` by the patches.
 */
export function qwen3VisionGraph(
  config: VisionConfig,
  parameters: (graph: Graph) => ParameterSource,
  { cells = false, gradient = false }: { cells?: boolean; gradient?: boolean } = {},
): Graph {
  const g = createGraph("vision");
  const parameter = parameters(g);
  const { hiddenSize, channels, temporalPatchSize, patchSize, patchDim } = config;
  const merge = config.mergeSize ** 2;
  const [images, units]: [Dim, Dim] = ["I", "U"];
  const patches = multiplyDims(merge, units);
  const rows = multiplyDims(images, patches);
  const half = hiddenSize / config.heads / 2;
  const pixels = input(g, "patches", "float32", [rows, patchDim]);
  const layout: PatchLayout = {
    images,
    patches,
    rotary: {
      cos: input(g, "cos", "float32", [patches, half]),
      sin: input(g, "sin", "float32", [patches, half]),
      rows: input(g, "rows", "int64", [images, patches]),
    },
  };
  const kernel = [hiddenSize, channels, temporalPatchSize, patchSize, patchSize];
  const weight = reshape(parameter("visual.patch_embed.proj.weight", kernel), [hiddenSize, patchDim]);
  const bias = parameter("visual.patch_embed.proj.bias", [hiddenSize]);
  const embedded = reshape(gemm(pixels, weight, { transB: true, bias }), [images, patches, hiddenSize]);
  let hidden = reshape(add(embedded, learnedPositions(g, config, parameter, patches)), [rows, hiddenSize]);

  /** Merges mergeSize² patches into one token; the norm is applied before or after concatenation. */
  const merger = (name: string, x: Tensor, normFirst: boolean): Tensor => {
    const norm = (t: Tensor): Tensor => layerNorm(parameter, `${name}.norm`, t, EPSILON);
    const concatenated = (t: Tensor): Tensor => reshape(t, [multiplyDims(images, units), cellSize(config)]);
    const merged = normFirst ? concatenated(norm(x)) : norm(concatenated(x));
    if (cells && normFirst) output("cells", merged);
    return mergeCells(config, parameter, merged, name);
  };
  const made: [string, Tensor][] = [];
  for (let i = 0; i < config.depth; i++) {
    hidden = visionBlock(config, parameter, hidden, `visual.blocks.${i}`, layout);
    const k = config.deepstackBlocks.indexOf(i);
    if (k < 0) continue;
    const deep = merger(`visual.deepstack_merger_list.${k}`, hidden, false);
    output(`deep.${k}`, deep);
    made.push([`cotangent.${k}`, deep]);
  }
  const features = merger("visual.merger", hidden, true);
  output("features", features);
  if (gradient) patchGradient(pixels, [["cotangent", features], ...made]);
  return g;
}
