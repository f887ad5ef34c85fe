import { z } from "zod";
import { add, concat, expand, mul, scalar, silu, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { defineHead, type HeadGraph } from "./define.ts";

interface FlowOptions {
  hidden: number;
  steps: number;
}

/** Velocity [rows, width] at noisy latents `x`, at `time` [rows, 1] on the way from noise (0) to the latent (1). */
export function flowVelocity(
  { parameter }: HeadGraph,
  options: FlowOptions,
  hidden: Tensor,
  x: Tensor,
  time: Tensor,
): Tensor {
  const first = linear(parameter, "in", concat([x, hidden, time], 1), options.hidden, { bias: true });
  const second = linear(parameter, "mid", silu(first), options.hidden, { bias: true });
  return linear(parameter, "proj", silu(second), hidden.shape.at(-1) as number, { bias: true });
}

/** Rectified flow (arXiv 2209.03003) from a fixed draw of noise, integrated by `steps` Euler steps. */
export const flow = defineHead({
  kind: "flow",
  options: { hidden: z.int().positive(), steps: z.int().positive() },
  tensors: ({ hidden }, { width }) => [
    // Noisy latent, hidden state, time.
    ["in.weight", [hidden, 2 * width + 1]],
    ["in.bias", [hidden]],
    ["mid.weight", [hidden, hidden]],
    ["mid.bias", [hidden]],
    ["proj.weight", [width, hidden]],
    ["proj.bias", [width]],
  ],
  buffers: (_options, { width }) => [["start", [width]]],
  initialize: (tensors) => {
    for (const name of ["in.weight", "mid.weight", "proj.weight"]) tensors.normal(name);
  },
  fit: ({ width, stream, view }) => {
    const r = stream("start");
    view("start").set(Float32Array.from({ length: width }, () => r.normal()));
  },
  predict: (graph, options, hidden) => {
    const rows = hidden.shape[0]!;
    const width = hidden.shape.at(-1) as number;
    let x = expand(graph.buffer("start"), [rows, width]);
    for (let i = 0; i < options.steps; i++) {
      const time = expand(scalar(hidden, i / options.steps), [rows, 1]);
      const velocity = flowVelocity(graph, options, hidden, x, time);
      x = add(x, mul(velocity, scalar(velocity, 1 / options.steps)));
    }
    return x;
  },
});
