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
import { bufferShapes, headShapes, PREFIX } from "./shapes.ts";
import type { Feedback, LatentHead } from "./types.ts";

export interface HeadSources {
  /** Trained tensors. */
  parameter: ParameterSource;
  /** Fitted tensors, which take no gradient. */
  buffer: ParameterSource;
}

type Codebook = Extract<LatentHead, { kind: "codebook" }>;
type Flow = Extract<LatentHead, { kind: "flow" }>;

const bufferOf = ({ buffer }: HeadSources, feedback: Feedback, width: number, name: string): Tensor => {
  const full = `${PREFIX}${name}`;
  return buffer(full, bufferShapes(feedback, width).get(full)!);
};

const widthOf = (x: Tensor): number => x.shape.at(-1) as number;

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
      const part = (name: string) =>
        linear(parameter, `${PREFIX}${name}`, hidden, head.hidden, { bias: true });
      const gated = mul(silu(part("gate")), part("up"));
      const straight = linear(parameter, `${PREFIX}proj`, hidden, width, { bias: true });
      return linear(parameter, `${PREFIX}down`, gated, width, { residual: straight });
    }
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
  outOfSpace(sources, feedback, predicted(sources, feedback, hidden));

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
  return parameter(name, headShapes(feedback, width, k).get(name)!);
}
