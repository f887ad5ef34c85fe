import { z } from "zod";
import { concat, silu, slice, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { defineHead, type HeadGraph } from "./define.ts";

interface VaeOptions {
  hidden: number;
  code: number;
}

/** A normal distribution of each row: means and log standard deviations [rows, code]. */
interface Normal {
  mean: Tensor;
  logDeviation: Tensor;
}

const normalOf = (both: Tensor, code: number): Normal => ({
  mean: slice(both, 1, 0, code),
  logDeviation: slice(both, 1, code, 2 * code),
});

/** Prior, posterior and decoder of a conditional variational autoencoder. */
export function vaeParts({ parameter }: HeadGraph, { hidden: inner, code }: VaeOptions, hidden: Tensor) {
  const layer = (name: string, x: Tensor, width: number): Tensor =>
    linear(parameter, name, x, width, { bias: true });
  return {
    /** Of the code, before the latent is known. */
    prior: (): Normal => normalOf(layer("prior", hidden, 2 * code), code),
    /** Of the code, given the latent [rows, width]; used in training only. */
    posterior: (latent: Tensor): Normal =>
      normalOf(
        layer("posterior_out", silu(layer("posterior_in", concat([hidden, latent], 1), inner)), 2 * code),
        code,
      ),
    /** The latent [rows, width] of codes [rows, code]. */
    decode: (codes: Tensor): Tensor =>
      layer("proj", silu(layer("in", concat([hidden, codes], 1), inner)), hidden.shape.at(-1) as number),
  };
}

/**
 * A conditional variational autoencoder with a learned prior (arXiv 1312.6114; Sohn et al. 2015): the latent decoded from the
 * prior's mean is fed.
 */
export const vae = defineHead({
  kind: "vae",
  options: { hidden: z.int().positive(), code: z.int().positive() },
  tensors: ({ hidden, code }, { width }) => [
    ["prior.weight", [2 * code, width]],
    ["prior.bias", [2 * code]],
    ["posterior_in.weight", [hidden, 2 * width]],
    ["posterior_in.bias", [hidden]],
    ["posterior_out.weight", [2 * code, hidden]],
    ["posterior_out.bias", [2 * code]],
    ["in.weight", [hidden, width + code]],
    ["in.bias", [hidden]],
    ["proj.weight", [width, hidden]],
    ["proj.bias", [width]],
  ],
  initialize: (tensors) => {
    for (const name of ["posterior_in.weight", "in.weight", "proj.weight"]) tensors.normal(name);
    // Prior and posterior begin near the standard normal distribution.
    for (const name of ["prior.weight", "posterior_out.weight"])
      tensors.normal(name, 0.1 / Math.sqrt(tensors.shape(name)[1]!));
  },
  predict: (graph, options, hidden) => {
    const { prior, decode } = vaeParts(graph, options, hidden);
    return decode(prior().mean);
  },
});
