/** Latent losses as graphs. */
import {
  add,
  concat,
  constant,
  type Dim,
  detach,
  div,
  type FloatType,
  type Graph,
  gather,
  input,
  matMul,
  mul,
  multiplyDims,
  reduceMean,
  reduceSum,
  reshape,
  scalar,
  sigmoid,
  sqrt,
  sub,
  swapLast,
  type Tensor,
} from "../../graph/index.ts";
import { crossEntropy, meanSquaredError } from "../../nn/index.ts";
import { cellSize } from "../../qwen/index.ts";
import {
  bothSides,
  codeLogits,
  type Feedback,
  flowVelocity,
  type HeadSources,
  intoSpace,
  predicted,
} from "../../reasoning/index.ts";
import { ensure } from "../../util/index.ts";
import type { LatentLoss } from "./loss.ts";

export interface LossSite {
  graph: Graph;
  dtype: FloatType;
  sources: HeadSources;
  feedback: Feedback;
  /** Post-norm states before slots [L, D], example by example. */
  state: Tensor;
  /** Oracle latents of those slots [L, D], as features are. */
  target: Tensor;
  /** Every vector of the batch [F, D]: hard negatives stand there too. */
  features: Tensor;
  /** Examples (B); L = B · slots. */
  batch: Dim;
  /** Slots of an example, the same for all. */
  slots: number;
  /** Most hard negatives of an example. */
  negatives: number;
}

const TINY = 1e-12;

const unit = (x: Tensor): Tensor => {
  const square = reduceSum(mul(x, x), [x.shape.length - 1], true);
  return div(x, sqrt(add(square, scalar(x, TINY))));
};

const everyAxis = (x: Tensor): number[] => x.shape.map((_, i) => i);

/**
 * Mean of 1 − cosine between the rows of two matrices.
 *
 * @example
 * const g = createGraph("example");
 * const [a, b] = ["a", "b"].map((name) => input(g, name, "float32", ["N", 8]));
 * cosineDistance(a, b).shape; // []
 */
export function cosineDistance(a: Tensor, b: Tensor): Tensor {
  const cosine = reduceMean(reduceSum(mul(unit(a), unit(b)), [1]), [0]);
  return sub(scalar(cosine, 1), cosine);
}

/** Which side of `beta` a difference lies on is a step: steep enough, and at the step both sides have value and slope in common. */
const STEEP = 1e4;

function smoothL1(a: Tensor, b: Tensor, beta: number): Tensor {
  const d = sub(a, b);
  const of = (value: number) => scalar(d, value);
  const square = mul(d, d);
  const inside = detach(sigmoid(mul(sub(of(beta * beta), square), of(STEEP))));
  const near = mul(square, of(0.5 / beta));
  const far = sub(sqrt(add(square, of(TINY))), of(0.5 * beta));
  const loss = add(mul(inside, near), mul(sub(of(1), inside), far));
  return reduceMean(loss, everyAxis(loss));
}

/** Rows i → column i, [N, 2]. */
function diagonal(g: Graph, n: Dim): Tensor {
  ensure(typeof n === "number", "graph", () => ({
    where: "contrast between blocks",
    expected: "a batch whose size is known",
    got: String(n),
  }));
  return constant(
    g,
    "int64",
    [n as number, 2],
    Array.from({ length: 2 * (n as number) }, (_, i) => Math.floor(i / 2)),
  );
}

function infonce(
  site: LossSite,
  loss: Extract<LatentLoss, { kind: "infonce" }>,
  p: Tensor,
  t: Tensor,
): Tensor {
  const { graph: g, batch, slots, negatives, features, feedback, sources, dtype } = site;
  const width = (p.shape.at(-1) as number) * slots;
  const perBlock = (x: Tensor, rows: readonly Dim[]) => unit(reshape(x, [...rows, width]));
  const own = perBlock(p, [batch]);
  const temperature = scalar(p, 1 / loss.temperature);
  // Blocks of equal content are no negatives of each other.
  const same = input(g, "sameBlock", dtype, [batch, batch]);
  const logits = add(mul(matMul(own, swapLast(perBlock(t, [batch]))), temperature), same);
  const right = diagonal(g, batch);
  let forward = logits;
  if (loss.hardNegatives && negatives > 0) {
    const rows = input(g, "negativeRow", "int64", [multiplyDims(batch, negatives * slots)]);
    const wrong = intoSpace(sources, feedback, gather(features, rows));
    const against = perBlock(wrong, [batch, negatives]);
    const dots = reduceSum(mul(reshape(own, [batch, 1, width]), against), [2]);
    // 0 or blocked where an example has fewer, and log 2: each counts twice.
    const weight = input(g, "negativeMask", dtype, [batch, negatives]);
    forward = concat([logits, add(mul(dots, temperature), weight)], 1);
  }
  const both = add(crossEntropy(forward, right), crossEntropy(swapLast(logits), right));
  return mul(both, scalar(both, 0.5));
}

const wants = (good: boolean, loss: string, head: string): void =>
  ensure(good, "usage", () => ({
    where: `latent loss ${loss}`,
    expected: head,
    got: "another head",
  }));

/**
 * The latent loss [] of one part of a batch. Besides the states it asks for inputs: `sameBlock` [B, B] and, with hard
 * negatives, `negativeRow` [B·H·slots] and `negativeMask` [B, H] for "infonce"; `codes` int64 [L·groups, 2] for "codes";
 * `flowNoise` [L, D] and `flowTime` [L, 1] for "flow"; `oracleCells` [L, cellSize] for "cells". "distillation" compares no oracles: it is the training graph's.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const [state, target] = ["s", "t"].map((name) => input(g, name, "float32", ["L", 8]));
 * const sources = { parameter: source, buffer: source };
 * const site = { graph: g, dtype: "float32", sources, feedback: plainFeedback, state, target, features: target };
 * latentLossOf({ ...site, batch: 4, slots: 1, negatives: 0 }, { kind: "cosine" }).shape; // []
 */
export function latentLossOf(site: LossSite, loss: Exclude<LatentLoss, { kind: "distillation" }>): Tensor {
  const { graph: g, dtype, sources, feedback, state, target } = site;
  const { head } = feedback;
  const answer = () => predicted(sources, feedback, state);
  const wanted = () => intoSpace(sources, feedback, target);
  switch (loss.kind) {
    case "mse":
      return meanSquaredError(answer(), wanted());
    case "cosine":
      return cosineDistance(answer(), wanted());
    case "smooth-l1":
      return smoothL1(answer(), wanted(), loss.beta);
    case "infonce":
      return infonce(site, loss, answer(), wanted());
    case "cells": {
      wants(head.kind === "merger", "cells", "a merger head");
      const size = cellSize(sources.vision!);
      const cells = input(g, "oracleCells", dtype, [state.shape[0]!, size]);
      const { before, wanted: inFront, behind } = bothSides(sources, feedback, state, cells);
      return add(meanSquaredError(before, inFront), meanSquaredError(behind, wanted()));
    }
    case "codes": {
      wants(head.kind === "codebook", "codes", "a codebook head");
      const book = head as Extract<typeof head, { kind: "codebook" }>;
      const rows = multiplyDims(state.shape[0]!, book.groups);
      const logits = reshape(codeLogits(sources.parameter, book, state), [rows, book.codes]);
      return crossEntropy(logits, input(g, "codes", "int64", [rows, 2]));
    }
    case "flow": {
      wants(head.kind === "flow", "flow", "a flow head");
      const flow = head as Extract<typeof head, { kind: "flow" }>;
      const noise = input(g, "flowNoise", dtype, ["L", state.shape.at(-1)!]);
      const time = input(g, "flowTime", dtype, ["L", 1]);
      const end = wanted();
      const x = add(mul(noise, sub(scalar(time, 1), time)), mul(end, time));
      const v = flowVelocity(sources.parameter, flow, state, x, time);
      return meanSquaredError(v, sub(end, noise));
    }
  }
}
