import {
  add,
  exp,
  logSoftmax,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  scaled,
  sub,
} from "../../graph/index.ts";
import { mixtureParts } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

/** For a mixture head: −log likelihood of the oracle per element, without the constant ½·log 2π. */
export const mixtureLikelihood = defineLoss({
  kind: "mixture-likelihood",
  options: {},
  head: "mixture",
  loss: ({ head, headGraph, state, wanted }) => {
    const options = head as Extract<typeof head, { kind: "mixture" }>;
    const { logits, means, logDeviations } = mixtureParts(headGraph, options, state);
    const [rows, width] = [state.shape[0]!, state.shape.at(-1) as number];
    const difference = sub(reshape(wanted(), [rows, 1, width]), means);
    const squares = reduceSum(mul(difference, difference), [2]);
    const distances = mul(scaled(squares, 0.5), exp(scaled(logDeviations, -2)));
    // log π + log N, of each component.
    const joint = sub(logSoftmax(logits), add(distances, scaled(logDeviations, width)));
    // x − logSoftmax(x) is logsumexp(x) in every place.
    const likelihood = reduceMean(sub(joint, logSoftmax(joint)), [1]);
    return scaled(neg(reduceMean(likelihood, [0])), 1 / width);
  },
});
