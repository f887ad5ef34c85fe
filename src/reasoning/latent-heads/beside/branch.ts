import { z } from "zod";
import { add, type Tensor } from "../../../graph/index.ts";
import { linear, type ParameterSource } from "../../../nn/index.ts";
import { type AttentionCore, decoder, layerTensors, type TextConfig } from "../../../qwen/index.ts";
import { ensure } from "../../../util/index.ts";
import { defineHead, type FitData, type HeadGraph, type HeadTensors, type LatentSize } from "../define.ts";

interface BranchOptions {
  layers: number;
  placement: "bottom" | "middle" | "top";
  hidden: number;
  startImage: number | null;
}

/** The decoder's layers that a branch has layers beside, of `total`: WM-VLM's placements. */
export function branchLayers(
  { layers, placement }: Pick<BranchOptions, "layers" | "placement">,
  total: number,
): number[] {
  ensure(layers <= total, "usage", () => ({
    where: "latent head branch, layers",
    expected: `at most ${total}, the layers of the decoder`,
    got: `${layers}`,
  }));
  const first = { bottom: 0, middle: Math.floor((total - layers) / 2), top: total - layers }[placement];
  return Array.from({ length: layers }, (_, i) => first + i);
}

/** The branch as a decoder of its own. */
const shapeOf = ({ layers, hidden }: BranchOptions, text: TextConfig): TextConfig => ({
  ...text,
  layers,
  intermediateSize: hidden,
});

/** Names of the branch's tensors: those of a decoder without its prefix. */
const own = (name: string): string => name.slice("model.".length);

const textOf = ({ text }: LatentSize): TextConfig => {
  ensure(text, "graph", () => ({
    where: "latent head branch",
    expected: "the shape of the decoder beside which it runs",
    got: "none",
  }));
  return text!;
};

/** Options of every head with a branch. */
export const branchSchema = {
  layers: z.int().positive(),
  placement: z.enum(["bottom", "middle", "top"]),
  /** Width of the branch's MLPs. */
  hidden: z.int().positive(),
  /** The image of the question, counted from 0, whose features latents start from; null: fixed noise. */
  startImage: z.int().nonnegative().nullable(),
};

/** Tensors of the branch alone. */
export const branchTensors = (options: BranchOptions, size: LatentSize): [string, readonly number[]][] =>
  [...layerTensors(shapeOf(options, textOf(size)))].map(([name, shape]) => [own(name), shape]);

export const branchBuffers = (
  { startImage }: BranchOptions,
  { k, width }: LatentSize,
): [string, readonly number[]][] => (startImage === null ? [["start", [k, width]]] : []);

/** Attention begins as that of the decoder's own layers. */
export function initializeBranch(tensors: HeadTensors, options: BranchOptions): void {
  for (const [i, layer] of branchLayers(options, tensors.decoderLayers).entries()) {
    for (const name of tensors.names(`layers.${i}.`)) {
      const part = name.split(".").slice(2).join(".");
      const deviation = (part.includes("down_proj") ? 0.1 : 1) / Math.sqrt(tensors.shape(name)[1] ?? 1);
      if (part.startsWith("mlp.")) tensors.normal(name, deviation);
      else tensors.copy(name, `model.layers.${layer}.${part}`);
    }
  }
  tensors.view("norm.weight").fill(1);
}

/** Draws what latents start from. */
export function fitStart(
  { stream, view }: Pick<FitData, "stream" | "view">,
  { startImage }: BranchOptions,
): void {
  if (startImage !== null) return;
  const r = stream("start");
  view("start").set(Float32Array.from({ length: view("start").length }, () => r.normal()));
}

/** States [rows, width] behind the branch's last layer, after its norm. */
export function branchStates(
  { parameter, text }: Pick<HeadGraph, "parameter" | "text">,
  options: BranchOptions,
  start: Tensor,
  attend: AttentionCore,
): Tensor {
  const layers = branchLayers(options, text().layers);
  const named: ParameterSource = (name, shape) => parameter(own(name), shape);
  return decoder(shapeOf(options, text()), named, start, (i, q, k, v) => attend(layers[i]!, q, k, v));
}

/**
 * WM-VLM (arXiv 2609.34826): layers with weights of their own beside some of the decoder's. Latents of a block attend to keys
 * and values of text and images in these layers and to each other in both directions, pass by all other layers, and come all
 * at once: the start (fixed noise, or the features of an image of the question) plus the branch's output, as its launcher's one
 * Euler step makes them. The embedding of the flow's time, constant in one step, is part of the biases of queries, keys and
 * values.
 */
export const branch = defineHead({
  kind: "branch",
  options: branchSchema,
  tensors: (options, size) => [
    ...branchTensors(options, size),
    ["proj.weight", [size.width, size.width]],
    ["proj.bias", [size.width]],
  ],
  buffers: branchBuffers,
  initialize: (tensors, options) => {
    initializeBranch(tensors, options);
    tensors.normal("proj.weight");
  },
  fit: fitStart,
  predict: (_graph, _options, latents) => latents,
  beside: {
    layers: branchLayers,
    startImage: ({ startImage }) => startImage,
    made: (graph, options, start, attend) => {
      const states = branchStates(graph, options, start, attend);
      return add(
        start,
        linear(graph.parameter, "proj", states, start.shape.at(-1) as number, { bias: true }),
      );
    },
  },
});
