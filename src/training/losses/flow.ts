import { add, float32, input, mul, scalar, sub } from "../../graph/index.ts";
import { meanSquaredError } from "../../nn/index.ts";
import { flowVelocity } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

/** For a flow head: rectified flow's regression of velocities. */
export const flow = defineLoss({
  kind: "flow",
  options: {},
  head: "flow",
  inputs: ({ random, slots, set: { width } }) => ({
    flowNoise: float32(
      Float32Array.from({ length: slots * width }, () => random.normal()),
      [slots, width],
    ),
    flowTime: float32(
      Float32Array.from({ length: slots }, () => random.uniform()),
      [slots, 1],
    ),
  }),
  loss: ({ graph, dtype, head, headGraph, state, wanted }) => {
    const noise = input(graph, "flowNoise", dtype, ["L", state.shape.at(-1)!]);
    const time = input(graph, "flowTime", dtype, ["L", 1]);
    const end = wanted();
    const x = add(mul(noise, sub(scalar(time, 1), time)), mul(end, time));
    const options = head as Extract<typeof head, { kind: "flow" }>;
    return meanSquaredError(flowVelocity(headGraph, options, state, x, time), sub(end, noise));
  },
});
