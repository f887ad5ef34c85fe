import { z } from "zod";
import {
  add,
  concat,
  exp,
  mul,
  neg,
  reduceSum,
  silu,
  slice,
  sub,
  type Tensor,
  tanh,
} from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { defineHead, type HeadGraph } from "./define.ts";

interface CouplingOptions {
  hidden: number;
  layers: number;
}

/** The halves of a latent, the one that layer `i` changes second. */
function halves(x: Tensor, i: number): [kept: Tensor, changed: Tensor] {
  const width = x.shape.at(-1) as number;
  const middle = Math.floor(width / 2);
  const [first, second] = [slice(x, 1, 0, middle), slice(x, 1, middle, width)];
  return i % 2 === 0 ? [first, second] : [second, first];
}

const joined = (kept: Tensor, changed: Tensor, i: number): Tensor =>
  concat(i % 2 === 0 ? [kept, changed] : [changed, kept], 1);

/** Log scale, between −1 and 1, and shift that layer `i` computes for `width` elements from the kept half and the state. */
function scaleAndShift(
  { parameter }: HeadGraph,
  { hidden: inner }: CouplingOptions,
  hidden: Tensor,
  kept: Tensor,
  i: number,
  width: number,
): [logScale: Tensor, shift: Tensor] {
  const first = silu(linear(parameter, `layers.${i}.in`, concat([hidden, kept], 1), inner, { bias: true }));
  const both = linear(parameter, `layers.${i}.out`, first, 2 * width, { bias: true });
  return [tanh(slice(both, 1, 0, width)), slice(both, 1, width, 2 * width)];
}

/** The mode of the base distribution, a normal one of unit variance around a linear map of the state. */
const center = ({ parameter }: HeadGraph, hidden: Tensor): Tensor =>
  linear(parameter, "proj", hidden, hidden.shape.at(-1) as number, { bias: true });

/**
 * The noise [rows, width] from which the flow makes `latents`, a standard normal draw if the model is right, and the sum of
 * the log scales [rows, 1]: −log density is half the squared length of the noise, plus that sum, plus a constant.
 */
export function couplingNoise(
  graph: HeadGraph,
  options: CouplingOptions,
  hidden: Tensor,
  latents: Tensor,
): { noise: Tensor; logScales: Tensor } {
  let x = latents;
  let logScales: Tensor | undefined;
  for (let i = options.layers - 1; i >= 0; i--) {
    const [kept, changed] = halves(x, i);
    const [logScale, shift] = scaleAndShift(graph, options, hidden, kept, i, changed.shape.at(-1) as number);
    x = joined(kept, mul(sub(changed, shift), exp(neg(logScale))), i);
    const sum = reduceSum(logScale, [1], true);
    logScales = logScales ? add(logScales, sum) : sum;
  }
  return { noise: sub(x, center(graph, hidden)), logScales: logScales! };
}

/**
 * A conditional normalizing flow of affine coupling layers (RealNVP, arXiv 1605.08803): what it makes of the mode of its base
 * distribution is fed.
 */
export const couplingFlow = defineHead({
  kind: "coupling-flow",
  options: { hidden: z.int().positive(), layers: z.int().positive() },
  tensors: ({ hidden, layers }, { width }) => [
    ["proj.weight", [width, width]],
    ["proj.bias", [width]],
    ...Array.from({ length: layers }, (_, i) => {
      const middle = Math.floor(width / 2);
      const [kept, changed] = i % 2 === 0 ? [middle, width - middle] : [width - middle, middle];
      return [
        [`layers.${i}.in.weight`, [hidden, width + kept]],
        [`layers.${i}.in.bias`, [hidden]],
        [`layers.${i}.out.weight`, [2 * changed, hidden]],
        [`layers.${i}.out.bias`, [2 * changed]],
      ] as [string, number[]][];
    }).flat(),
  ],
  initialize: (tensors, { layers }) => {
    tensors.normal("proj.weight");
    for (let i = 0; i < layers; i++) {
      tensors.normal(`layers.${i}.in.weight`);
      // Every layer begins near the identity.
      const name = `layers.${i}.out.weight`;
      tensors.normal(name, 0.1 / Math.sqrt(tensors.shape(name)[1]!));
    }
  },
  predict: (graph, options, hidden) => {
    let x = center(graph, hidden);
    for (let i = 0; i < options.layers; i++) {
      const [kept, changed] = halves(x, i);
      const [logScale, shift] = scaleAndShift(
        graph,
        options,
        hidden,
        kept,
        i,
        changed.shape.at(-1) as number,
      );
      x = joined(kept, add(mul(changed, exp(logScale)), shift), i);
    }
    return x;
  },
});
