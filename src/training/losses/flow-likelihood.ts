import { add, mul, reduceMean, reduceSum, scaled } from "../../graph/index.ts";
import { couplingNoise } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

/** For a coupling-flow head: −log likelihood of the oracle per element, without the constant ½·log 2π. */
export const flowLikelihood = defineLoss({
  kind: "flow-likelihood",
  options: {},
  head: "coupling-flow",
  loss: ({ head, headGraph, state, wanted }) => {
    const options = head as Extract<typeof head, { kind: "coupling-flow" }>;
    const { noise, logScales } = couplingNoise(headGraph, options, state, wanted());
    const squares = scaled(reduceSum(mul(noise, noise), [1], true), 0.5);
    return scaled(reduceMean(add(squares, logScales), [0, 1]), 1 / (state.shape.at(-1) as number));
  },
});
