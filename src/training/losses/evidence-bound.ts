import { z } from "zod";
import { add, exp, float32, input, mul, reduceMean, scalar, scaled, sub } from "../../graph/index.ts";
import { meanSquaredError } from "../../nn/index.ts";
import { vaeParts } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

/**
 * For a vae head: the mean squared error of the latent decoded from a draw of the posterior, plus `beta` times the
 * Kullback–Leibler divergence of posterior and prior per element of the code (β-VAE; β = 1 is the evidence lower bound up to
 * constants where code and latent are equally wide and the decoder's variance is ½).
 */
export const evidenceBound = defineLoss({
  kind: "evidence-bound",
  options: { beta: z.number().positive() },
  head: "vae",
  prepare: ({ config: { head } }) => (head as Extract<typeof head, { kind: "vae" }>).code,
  inputs: ({ random, slots, prepared }) => {
    const code = prepared as number;
    const draws = Float32Array.from({ length: slots * code }, () => random.normal());
    return { codeNoise: float32(draws, [slots, code]) };
  },
  loss: ({ graph, dtype, head, headGraph, state, wanted }, { beta }) => {
    const options = head as Extract<typeof head, { kind: "vae" }>;
    const parts = vaeParts(headGraph, options, state);
    const prior = parts.prior();
    const posterior = parts.posterior(wanted());
    const noise = input(graph, "codeNoise", dtype, ["L", options.code]);
    const codes = add(posterior.mean, mul(exp(posterior.logDeviation), noise));
    const error = meanSquaredError(parts.decode(codes), wanted());
    // KL = log σp − log σq + (σq² + (μq − μp)²) / 2σp² − ½
    const apart = sub(posterior.mean, prior.mean);
    const squares = add(exp(scaled(posterior.logDeviation, 2)), mul(apart, apart));
    const ratio = scaled(mul(squares, exp(scaled(prior.logDeviation, -2))), 0.5);
    const logs = sub(prior.logDeviation, posterior.logDeviation);
    const divergence = reduceMean(add(logs, ratio), [0, 1]);
    return add(error, scaled(sub(divergence, scalar(divergence, 0.5)), beta));
  },
});
