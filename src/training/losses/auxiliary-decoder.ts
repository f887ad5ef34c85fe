import { z } from "zod";
import { add, gather, input, int64, mul, multiplyDims, reshape, scalar, silu } from "../../graph/index.ts";
import { crossEntropy, linear, meanSquaredError } from "../../nn/index.ts";
import { defineLoss } from "./define.ts";

/**
 * Mean squared error to the oracles, and the words that the data say before the block, read off the block's latents by a decoder
 * of two layers that is dropped when the model is saved (SIM-CoT, arXiv 2509.20317; CoLT, arXiv 2606.31986): the latents have to
 * say the words that the text need not.
 */
export const auxiliaryDecoder = defineLoss({
  kind: "auxiliary-decoder",
  options: {
    hidden: z.int().positive(),
    /** Tokens of the words that are decoded, at most. */
    words: z.int().positive(),
    weight: z.number().positive(),
  },
  wholeBlocks: true,
  explains: ({ words }) => words,
  tensors: ({ hidden, words }, { width, slots }) => [
    ["in.weight", [hidden, slots * width]],
    ["in.bias", [hidden]],
    ["out.weight", [words * width, hidden]],
    ["out.bias", [words * width]],
  ],
  inputs: ({ examples }, { words }) => {
    const said = examples.flatMap(({ sequence: { explained = [] } }, b) =>
      [...explained].slice(0, words).map((id, i) => [b * words + i, id] as const),
    );
    return {
      explainedRows: int64(
        said.map(([row]) => row),
        [said.length],
      ),
      explained: int64(
        said.flatMap(([, id], i) => [i, id]),
        [said.length, 2],
      ),
    };
  },
  loss: ({ graph, parameter, batch, slots, predicted, wanted, logits }, { hidden, words, weight }) => {
    const latents = predicted();
    const width = latents.shape.at(-1) as number;
    const block = reshape(latents, [batch, slots * width]);
    const inner = silu(linear(parameter, "in", block, hidden, { bias: true }));
    const states = reshape(linear(parameter, "out", inner, words * width, { bias: true }), [
      multiplyDims(batch, words),
      width,
    ]);
    const said = gather(states, input(graph, "explainedRows", "int64", ["W"]));
    const told = crossEntropy(logits(said), input(graph, "explained", "int64", ["W", 2]));
    return add(meanSquaredError(latents, wanted()), mul(told, scalar(told, weight)));
  },
});
