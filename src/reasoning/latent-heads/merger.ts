import { z } from "zod";
import { add, div, mul, sub, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { cellSize, mergeCells } from "../../qwen/index.ts";
import { defineHead, type HeadGraph } from "./define.ts";
import { gatedLayer, gatedTensors } from "./glu.ts";
import { moments } from "./moments.ts";

interface MergerOptions {
  hidden: number;
}

/** Patch groups in units of their deviations from their means over the training oracles. */
interface StandardizedGroups {
  predicted: Tensor;
  mean: Tensor;
  scale: Tensor;
}

function groupsOf(graph: HeadGraph, { hidden: units }: MergerOptions, hidden: Tensor): StandardizedGroups {
  const { parameter, buffer } = graph;
  const size = cellSize(graph.tower().vision);
  const first = gatedLayer(parameter, "first.", hidden, {
    hidden: units,
    out: hidden.shape.at(-1) as number,
    residual: hidden,
  });
  const residual = linear(parameter, "proj", first, size, { bias: true });
  return {
    predicted: gatedLayer(parameter, "", first, { hidden: units, out: size, residual }),
    mean: buffer("cells.mean"),
    scale: buffer("cells.scale"),
  };
}

/** Features [rows, width] that the tower's merger computes from the groups. */
function merged(graph: HeadGraph, { predicted, mean, scale }: StandardizedGroups): Tensor {
  const { vision, tensors } = graph.tower();
  return mergeCells(vision, tensors, add(mul(predicted, scale), mean));
}

/**
 * What a merger head predicts from hidden states [rows, width]: the patch groups before the merger and their target, both
 * in units of deviations, and the latents behind it, in the target space.
 */
export function bothSides(
  graph: HeadGraph,
  options: MergerOptions,
  hidden: Tensor,
  cells: Tensor,
): { before: Tensor; wanted: Tensor; behind: Tensor } {
  const groups = groupsOf(graph, options, hidden);
  return {
    before: groups.predicted,
    wanted: div(sub(cells, groups.mean), groups.scale),
    behind: graph.intoSpace(merged(graph, groups)),
  };
}

/**
 * Predicts the input of the vision tower's merger by two gated layers; the tower's frozen merger computes the latent. The
 * harder half of the way from image to latent need not be learned again.
 */
export const merger = defineHead({
  kind: "merger",
  options: { hidden: z.int().positive() },
  usesMerger: true,
  tensors: ({ hidden }, { width, cells }) => [
    ...gatedTensors("first.", width, hidden, width),
    ...gatedTensors("", width, hidden, cells),
    ["proj.weight", [cells, width]],
    ["proj.bias", [cells]],
  ],
  buffers: (_options, { cells }) => [
    ["cells.mean", [cells]],
    ["cells.scale", [cells]],
  ],
  initialize: (tensors) => {
    for (const prefix of ["first.", ""])
      for (const name of ["gate.weight", "up.weight", "down.weight"]) tensors.normal(`${prefix}${name}`);
    tensors.normal("proj.weight");
  },
  fit: ({ cells, view }) => {
    const { mean, scale } = moments(cells!.rows, cells!.width);
    view("cells.mean").set(mean);
    view("cells.scale").set(scale);
  },
  predict: (graph, options, hidden) => graph.intoSpace(merged(graph, groupsOf(graph, options, hidden))),
  // The merger's output is in the space of image features.
  feed: (graph, options, hidden) => merged(graph, groupsOf(graph, options, hidden)),
});
