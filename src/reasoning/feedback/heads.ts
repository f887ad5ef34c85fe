/** Heads and target spaces as graphs, written once for training and for decoding. */
import {
  add,
  concat,
  detach,
  div,
  expand,
  gemm,
  matMul,
  mul,
  reshape,
  scalar,
  silu,
  softmax,
  sub,
  type Tensor,
  transpose,
} from "../../graph/index.ts";
import { linear, type ParameterSource } from "../../nn/index.ts";
import { cellSize, mergeCells, type VisionConfig } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import { bufferShapes, headShapes, PREFIX } from "./shapes.ts";
import type { Feedback, LatentHead } from "./types.ts";

export interface HeadSources {
  /** Trained tensors. */
  parameter: ParameterSource;
  /** Fitted tensors, which take no gradient; for a merger head those of the vision tower's merger, too. */
  buffer: ParameterSource;
  /** The tower, for a merger head. */
  vision?: VisionConfig;
}

type Codebook = Extract<LatentHead, { kind: "codebook" }>;
type Flow = Extract<LatentHead, { kind: "flow" }>;
type Merger = Extract<LatentHead, { kind: "merger" }>;

const bufferOf = (
  { buffer, vision }: HeadSources,
  feedback: Feedback,
  width: number,
  name: string,
): Tensor => {
  const full = `${PREFIX}${name}`;
  const cells = vision ? cellSize(vision) : 0;
  return buffer(full, bufferShapes(feedback, { width, k: 1, cells }).get(full)!);
};

const widthOf = (x: Tensor): number => x.shape.at(-1) as number;

/** down(silu(gate·x) ∘ up·x) + residual. */
function gatedLayer(
  parameter: ParameterSource,
  name: string,
  x: Tensor,
  { hidden, out, residual }: { hidden: number; out: number; residual: Tensor },
): Tensor {
  const part = (which: string) => linear(parameter, `${PREFIX}${name}${which}`, x, hidden, { bias: true });
  return linear(parameter, `${PREFIX}${name}down`, mul(silu(part("gate")), part("up")), out, { residual });
}

/** Cells in units of their deviations from their means over the training oracles. */
interface StandardCells {
  predicted: Tensor;
  mean: Tensor;
  scale: Tensor;
}

function cellsOf(sources: HeadSources, feedback: Feedback, head: Merger, hidden: Tensor): StandardCells {
  const { parameter, vision } = sources;
  ensure(vision, "graph", () => ({
    where: "latent head merger",
    expected: "the vision tower whose merger makes latents",
    got: "none",
  }));
  const width = widthOf(hidden);
  const size = cellSize(vision!);
  const first = gatedLayer(parameter, "first.", hidden, {
    hidden: head.hidden,
    out: width,
    residual: hidden,
  });
  const straight = linear(parameter, `${PREFIX}proj`, first, size, { bias: true });
  return {
    predicted: gatedLayer(parameter, "", first, { hidden: head.hidden, out: size, residual: straight }),
    mean: bufferOf(sources, feedback, width, "cells.mean"),
    scale: bufferOf(sources, feedback, width, "cells.scale"),
  };
}

/** Features [rows, width] that the tower's merger makes of such cells. */
const merged = ({ buffer, vision }: HeadSources, { predicted, mean, scale }: StandardCells): Tensor =>
  mergeCells(vision!, buffer, add(mul(predicted, scale), mean));

/**
 * What a merger head makes of hidden states [rows, width]: the answer in front of the merger and its target, both in
 * units of deviations, and the answer behind it, in the target space.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const { vision } = pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2 });
 * const feedback = { head: { kind: "merger", hidden: 8 }, space: { kind: "raw" } };
 * const [h, c] = [32, 128].map((n, i) => input(g, `i${i}`, "float32", ["N", n]));
 * bothSides({ parameter: source, buffer: source, vision }, feedback, h, c).behind.shape; // ["N", 32]
 */
export function bothSides(
  sources: HeadSources,
  feedback: Feedback,
  hidden: Tensor,
  cells: Tensor,
): { before: Tensor; wanted: Tensor; behind: Tensor } {
  const answer = cellsOf(sources, feedback, feedback.head as Merger, hidden);
  return {
    before: answer.predicted,
    wanted: div(sub(cells, answer.mean), answer.scale),
    behind: intoSpace(sources, feedback, merged(sources, answer)),
  };
}

/**
 * Latents [rows, width] of the features' space in the target space.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const feedback = { head: { kind: "none" }, space: { kind: "standardised" } };
 * intoSpace({ parameter: source, buffer: source }, feedback, input(g, "x", "float32", ["N", 8])).shape; // ["N", 8]
 */
export function intoSpace(sources: HeadSources, feedback: Feedback, latents: Tensor): Tensor {
  const tensor = (name: string) => bufferOf(sources, feedback, widthOf(latents), name);
  switch (feedback.space.kind) {
    case "raw":
      return latents;
    case "standardised":
      return div(sub(latents, tensor("mean")), tensor("scale"));
    case "whitened":
      return gemm(sub(latents, tensor("mean")), tensor("whiten"), { transB: true });
  }
}

/** The way back from the target space. */
function outOfSpace(sources: HeadSources, feedback: Feedback, y: Tensor): Tensor {
  const tensor = (name: string) => bufferOf(sources, feedback, widthOf(y), name);
  switch (feedback.space.kind) {
    case "raw":
      return y;
    case "standardised":
      return add(mul(y, tensor("scale")), tensor("mean"));
    case "whitened":
      return gemm(y, tensor("colour"), { transB: true, bias: tensor("mean") });
  }
}

/**
 * Logits [rows, groups, codes] of a codebook head.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const head = { kind: "codebook", codes: 16, groups: 2, fed: "soft" };
 * codeLogits(source, head, input(g, "h", "float32", ["N", 8])).shape; // ["N", 2, 16]
 */
export const codeLogits = (parameter: ParameterSource, head: Codebook, hidden: Tensor): Tensor =>
  reshape(linear(parameter, `${PREFIX}proj`, hidden, head.groups * head.codes, { bias: true }), [
    hidden.shape[0]!,
    head.groups,
    head.codes,
  ]);

/** So steep that the largest of two logits that differ by a millionth takes all. */
const STEEP = 1e7;

/** Mean of codes under the head's probabilities; forward the likeliest code alone where "straight-through". */
function codeOf(sources: HeadSources, feedback: Feedback, head: Codebook, hidden: Tensor): Tensor {
  const rows = hidden.shape[0]!;
  const width = widthOf(hidden);
  const logits = codeLogits(sources.parameter, head, hidden);
  const soft = softmax(logits);
  let weights = soft;
  if (head.fed === "straight-through") {
    const hard = softmax(mul(detach(logits), scalar(logits, STEEP)));
    weights = add(soft, sub(hard, detach(soft)));
  }
  const codes = bufferOf(sources, feedback, width, "codes");
  const mixed = matMul(transpose(weights, [1, 0, 2]), codes);
  return reshape(transpose(mixed, [1, 0, 2]), [rows, width]);
}

/**
 * Velocity [rows, width] of a flow head at noisy latents `x`, `time` [rows, 1] on the way from noise to the latent.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const [h, x, t] = [8, 8, 1].map((n, i) => input(g, `i${i}`, "float32", ["N", n]));
 * flowVelocity(source, { kind: "flow", hidden: 32, steps: 4 }, h, x, t).shape; // ["N", 8]
 */
export function flowVelocity(
  parameter: ParameterSource,
  head: Flow,
  hidden: Tensor,
  x: Tensor,
  time: Tensor,
): Tensor {
  const first = linear(parameter, `${PREFIX}in`, concat([x, hidden, time], 1), head.hidden, { bias: true });
  const second = linear(parameter, `${PREFIX}mid`, silu(first), head.hidden, { bias: true });
  return linear(parameter, `${PREFIX}proj`, silu(second), widthOf(hidden), { bias: true });
}

function integrated(sources: HeadSources, feedback: Feedback, head: Flow, hidden: Tensor): Tensor {
  const rows = hidden.shape[0]!;
  let x = expand(bufferOf(sources, feedback, widthOf(hidden), "start"), [rows, widthOf(hidden)]);
  for (let i = 0; i < head.steps; i++) {
    const time = expand(scalar(hidden, i / head.steps), [rows, 1]);
    const v = flowVelocity(sources.parameter, head, hidden, x, time);
    x = add(x, mul(v, scalar(v, 1 / head.steps)));
  }
  return x;
}

/**
 * What a head of one vector makes of hidden states [rows, width], in the target space.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const feedback = { head: { kind: "linear" }, space: { kind: "raw" } };
 * predicted({ parameter: source, buffer: source }, feedback, input(g, "h", "float32", ["N", 8])).shape; // ["N", 8]
 */
export function predicted(sources: HeadSources, feedback: Feedback, hidden: Tensor): Tensor {
  const { head } = feedback;
  const { parameter } = sources;
  const width = widthOf(hidden);
  switch (head.kind) {
    case "none":
    case "placeholder":
      return hidden;
    case "linear":
      return linear(parameter, `${PREFIX}proj`, hidden, width, { bias: true });
    case "mlp": {
      const inner = silu(linear(parameter, `${PREFIX}up`, hidden, head.hidden, { bias: true }));
      return linear(parameter, `${PREFIX}proj`, inner, width, { bias: true });
    }
    case "glu": {
      const straight = linear(parameter, `${PREFIX}proj`, hidden, width, { bias: true });
      return gatedLayer(parameter, "", hidden, { hidden: head.hidden, out: width, residual: straight });
    }
    case "merger":
      return intoSpace(sources, feedback, merged(sources, cellsOf(sources, feedback, head, hidden)));
    case "codebook":
      return codeOf(sources, feedback, head, hidden);
    case "flow":
      return integrated(sources, feedback, head, hidden);
  }
}

/**
 * What slots are fed for the hidden states [rows, width] before them. Placeholders do not depend on states.
 *
 * @example
 * const g = createGraph("example");
 * const { source } = parameterInputs(g, "float32");
 * const feedback = { head: { kind: "linear" }, space: { kind: "standardised" } };
 * fedVectors({ parameter: source, buffer: source }, feedback, input(g, "h", "float32", ["N", 8])).shape; // ["N", 8]
 */
export const fedVectors = (sources: HeadSources, feedback: Feedback, hidden: Tensor): Tensor =>
  // What the merger makes is in the features' space as it is.
  feedback.head.kind === "merger"
    ? merged(sources, cellsOf(sources, feedback, feedback.head, hidden))
    : outOfSpace(sources, feedback, predicted(sources, feedback, hidden));

/**
 * Learned vectors [1 or k, width] of a placeholder head.
 *
 * @example
 * const g = createGraph("example");
 * const feedback = { head: { kind: "placeholder", distinct: true }, space: { kind: "raw" } };
 * placeholders(parameterInputs(g, "float32").source, feedback, 8, 4).shape; // [4, 8]
 */
export function placeholders(
  parameter: ParameterSource,
  feedback: Feedback,
  width: number,
  k: number,
): Tensor {
  const name = `${PREFIX}vectors`;
  return parameter(name, headShapes(feedback, { width, k, cells: 0 }).get(name)!);
}
