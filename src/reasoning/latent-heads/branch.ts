import { z } from "zod";
import { add, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { decoder, layerTensors, type TextConfig } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import { defineHead, type LatentSize } from "./define.ts";

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

/**
 * WM-VLM (arXiv 2609.34826): layers with weights of their own beside some of the decoder's. Latents of a block attend to keys
 * and values of text and images in these layers and to each other in both directions, pass by all other layers, and come all
 * at once: the start (fixed noise, or the features of an image of the question) plus the branch's output, as its launcher's one
 * Euler step makes them. The embedding of the flow's time, constant in one step, is part of the biases of queries, keys and
 * values.
 */
export const branch = defineHead({
  kind: "branch",
  options: {
    layers: z.int().positive(),
    placement: z.enum(["bottom", "middle", "top"]),
    /** Width of the branch's MLPs. */
    hidden: z.int().positive(),
    /** The image of the question, counted from 0, whose features latents start from; null: fixed noise. */
    startImage: z.int().nonnegative().nullable(),
  },
  tensors: (options, size) => [
    ...[...layerTensors(shapeOf(options, textOf(size)))].map(
      ([name, shape]) => [own(name), shape] as [string, readonly number[]],
    ),
    ["proj.weight", [size.width, size.width]],
    ["proj.bias", [size.width]],
  ],
  buffers: ({ startImage }, { k, width }) => (startImage === null ? [["start", [k, width]]] : []),
  // Attention begins as that of the decoder's own layers.
  initialize: (tensors, options) => {
    for (const [i, layer] of branchLayers(options, tensors.decoderLayers).entries()) {
      for (const name of tensors.names(`layers.${i}.`)) {
        if (!name.includes(".mlp.")) tensors.copy(name, `model.layers.${layer}.${name.split(".").slice(2).join(".")}`);
        else tensors.normal(name, (name.includes("down_proj") ? 0.1 : 1) / Math.sqrt(tensors.shape(name)[1]!));
      }
    }
    tensors.view("norm.weight").fill(1);
    tensors.normal("proj.weight");
  },
  fit: ({ stream, view }, { startImage }) => {
    if (startImage !== null) return;
    const r = stream("start");
    view("start").set(Float32Array.from({ length: view("start").length }, () => r.normal()));
  },
  predict: (_graph, _options, latents) => latents,
  beside: {
    layers: branchLayers,
    startImage: ({ startImage }) => startImage,
    latents({ parameter, text }, options, start, attend): Tensor {
      const layers = branchLayers(options, text().layers);
      const states = decoder(
        shapeOf(options, text()),
        (name, shape) => parameter(own(name), shape),
        start,
        (i, q, k, v) => attend(layers[i]!, q, k, v),
      );
      return add(start, linear(parameter, "proj", states, start.shape.at(-1) as number, { bias: true }));
    },
  },
});
