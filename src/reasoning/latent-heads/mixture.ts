import { z } from "zod";
import { matMul, reshape, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { oneHotOfLargest } from "./codebook.ts";
import { defineHead, type HeadGraph } from "./define.ts";

interface MixtureOptions {
  components: number;
}

/** Of each hidden state, the components' logits [rows, M], means [rows, M, width], and log standard deviations [M]. */
export function mixtureParts(
  { parameter }: HeadGraph,
  { components }: MixtureOptions,
  hidden: Tensor,
): { logits: Tensor; means: Tensor; logDeviations: Tensor } {
  const width = hidden.shape.at(-1) as number;
  const means = linear(parameter, "means", hidden, components * width, { bias: true });
  return {
    logits: linear(parameter, "logits", hidden, components, { bias: true }),
    means: reshape(means, [hidden.shape[0]!, components, width]),
    logDeviations: parameter("log_deviation", [components]),
  };
}

/**
 * A mixture density network (Bishop 1994): a mixture of isotropic normal distributions of the latent. The mean of the
 * likeliest component is fed, so that a latent of several possible values is one of them and not their mean.
 */
export const mixture = defineHead({
  kind: "mixture",
  options: { components: z.int().min(2) },
  tensors: ({ components }, { width }) => [
    ["logits.weight", [components, width]],
    ["logits.bias", [components]],
    ["means.weight", [components * width, width]],
    ["means.bias", [components * width]],
    ["log_deviation", [components]],
  ],
  initialize: (tensors) => {
    // Components are equally likely, and differ.
    tensors.normal("logits.weight", 0.1 / Math.sqrt(tensors.shape("logits.weight")[1]!));
    tensors.normal("means.weight");
  },
  predict: (graph, options, hidden) => {
    const { logits, means } = mixtureParts(graph, options, hidden);
    const [rows, width] = [hidden.shape[0]!, hidden.shape.at(-1) as number];
    const weights = reshape(oneHotOfLargest(logits), [rows, 1, options.components]);
    return reshape(matMul(weights, means), [rows, width]);
  },
});
