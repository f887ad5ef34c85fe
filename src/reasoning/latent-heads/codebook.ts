import { z } from "zod";
import {
  add,
  detach,
  matMul,
  mul,
  reshape,
  scalar,
  softmax,
  sub,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { defineHead, type HeadGraph } from "./define.ts";
import { nearestCode, partsOf, pickCodes } from "./k-means.ts";

interface CodebookOptions {
  codes: number;
  groups: number;
}

/** Logits [rows, groups, codes]. */
export const codeLogits = (
  { parameter }: HeadGraph,
  { codes, groups }: CodebookOptions,
  hidden: Tensor,
): Tensor =>
  reshape(linear(parameter, "proj", hidden, groups * codes, { bias: true }), [
    hidden.shape[0]!,
    groups,
    codes,
  ]);

/** The nearest code of each group, for rows [n, width] of the target space: [n · groups]. */
export function nearestCodes(
  book: Float32Array,
  { codes, groups }: CodebookOptions,
  rows: Float32Array,
  width: number,
): Int32Array {
  const size = width / groups;
  const nearest = new Int32Array((rows.length / width) * groups);
  for (const [g, group] of partsOf(rows, width, groups).entries()) {
    const codesOfGroup = book.subarray(g * codes * size, (g + 1) * codes * size);
    for (let i = 0; i < group.length / size; i++) {
      nearest[i * groups + g] = nearestCode(codesOfGroup, size, group.subarray(i * size, (i + 1) * size));
    }
  }
  return nearest;
}

/** So steep that the larger of two logits that differ by a millionth takes all. */
const STEEP = 1e7;

/**
 * One-hot weights of the largest of the last axis's logits, with the gradient of their softmax (straight-through estimator,
 * arXiv 1308.3432).
 */
export function oneHotOfLargest(logits: Tensor): Tensor {
  const soft = softmax(logits);
  const hard = softmax(mul(detach(logits), scalar(logits, STEEP)));
  return add(soft, sub(hard, detach(soft)));
}

/**
 * One of `codes` vectors for each of `groups` equal slices of the latent, fitted to training oracles by k-means. The likeliest code is
 * fed, or the mean of the codes under the head's probabilities.
 */
export const codebook = defineHead({
  kind: "codebook",
  options: {
    codes: z.int().positive(),
    groups: z.int().positive(),
    fed: z.enum(["straight-through", "soft"]),
  },
  tensors: ({ groups, codes }, { width }) => [
    ["proj.weight", [groups * codes, width]],
    ["proj.bias", [groups * codes]],
  ],
  buffers: ({ groups, codes }, { width }) => [["codes", [groups, codes, width / groups]]],
  // Quiet: every code is about equally likely.
  initialize: (tensors) => tensors.normal("proj.weight", 0.1 / Math.sqrt(tensors.shape("proj.weight")[1]!)),
  fit: ({ width, oracles, stream, view }, { groups, codes }) => {
    const size = width / groups;
    for (const [g, rows] of partsOf(oracles(), width, groups).entries())
      view("codes").set(pickCodes(rows, size, codes, stream("codes", g)), g * codes * size);
  },
  predict: (graph, options, hidden) => {
    const logits = codeLogits(graph, options, hidden);
    const weights = options.fed === "straight-through" ? oneHotOfLargest(logits) : softmax(logits);
    const codes = graph.buffer("codes");
    const mixed = matMul(transpose(weights, [1, 0, 2]), codes);
    return reshape(transpose(mixed, [1, 0, 2]), [hidden.shape[0]!, hidden.shape.at(-1) as number]);
  },
});
