import { z } from "zod";
import {
  add,
  concat,
  type Dim,
  detach,
  div,
  exp,
  float32,
  input,
  matMul,
  mul,
  multiplyDims,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  scalar,
  scaled,
  slice,
  sqrt,
  sub,
  type Tensor,
} from "../../graph/index.ts";
import type { Random } from "../../util/index.ts";
import { defineLoss } from "./define.ts";

/**
 * Cosine between a draw of the von Mises–Fisher distribution on the sphere of `width` dimensions and its mean direction
 * (Wood 1994, "Simulation of the von Mises Fisher distribution").
 *
 * @example
 * fisherCosine({ uniform: () => 0.5, normal: () => 0 }, 3, 1e6) > 0.999; // true
 */
export function fisherCosine(r: Pick<Random, "uniform" | "normal">, width: number, kappa: number): number {
  const n = width - 1;
  const b = n / (2 * kappa + Math.sqrt(4 * kappa ** 2 + n ** 2));
  const x = (1 - b) / (1 + b);
  const c = kappa * x + n * Math.log(1 - x ** 2);
  for (;;) {
    const beta = betaHalf(r, n);
    const w = (1 - (1 + b) * beta) / (1 - (1 - b) * beta);
    const u = r.uniform();
    if (kappa * w + n * Math.log(1 - x * w) - c >= Math.log(u)) return w;
  }
}

/** A draw of Beta(n/2, n/2) from normal variables: the share of one of two sums of n squares. */
function betaHalf(r: Pick<Random, "normal">, n: number): number {
  const squares = (): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += r.normal() ** 2;
    return sum;
  };
  const [one, other] = [squares(), squares()];
  return one + other === 0 ? 0.5 : one / (one + other);
}

/** Rows divided by their length [L, 1], and this length. */
function directions(rows: Tensor): { direction: Tensor; length: Tensor } {
  const length = sqrt(add(reduceSum(mul(rows, rows), [1], true), scalar(rows, 1e-12)));
  return { direction: div(rows, length), length };
}

/**
 * Policy gradient on the latents: `samples` draws around the model's own latents, each rewarded with the probability of the
 * right reply that follows it; rewards are compared within the draws of an example and divided by their standard deviation
 * (group advantages, GRPO), and no oracle is read. Monet's VLPO (arXiv 2511.21395) has Gaussian latents, HyLaR's DePO (arXiv
 * 2604.20328) von Mises–Fisher ones. Draws are made anew in every step and used once, so that ratios of old and new policy are 1
 * and there is nothing to clip; DePO's KL regularizer and rewards of the form of a reply are left out.
 *
 * The log-likelihood of a draw is taken per element, so that the loss has the size of other latent losses.
 */
export const policyGradient = defineLoss({
  kind: "policy-gradient",
  options: {
    /** "gaussian": noise on every element; "von-mises-fisher": another direction of the same length. */
    policy: z.enum(["gaussian", "von-mises-fisher"]),
    /** gaussian: standard deviation of the noise relative to the root mean square of a latent; else 1/√(κ / (width − 1)), alike. */
    spread: z.number().positive(),
    samples: z.int().min(2).max(64),
  },
  wholeBlocks: true,
  inputs: ({ examples, random, slots, set: { width } }, { policy, spread, samples }) => {
    const rows = samples * slots;
    const noise = Float32Array.from({ length: rows * width }, () => random.normal());
    const kappa = (width - 1) / spread ** 2;
    const cosines = Float32Array.from({ length: rows }, () => fisherCosine(random, width, kappa));
    const ends = examples.map(({ sequence: { beforeSlot } }) => beforeSlot.at(-1) ?? -1);
    const total = examples.reduce((sum, { sequence }) => sum + sequence.supervised.length, 0);
    const reply = new Float32Array(examples.length * total);
    let at = 0;
    for (const [b, { sequence }] of examples.entries())
      for (const position of sequence.supervised) reply[b * total + at++] = position > ends[b]! ? 1 : 0;
    return {
      policyNoise: float32(noise, [samples, slots, width]),
      ...(policy !== "gaussian" && { policyCosines: float32(cosines, [samples, slots, 1]) }),
      replyTokens: float32(reply, [examples.length, total]),
    };
  },
  policy: ({ graph, dtype, batch, slots, mean, logLikelihood }, { policy, spread, samples }) => {
    const width = mean.shape.at(-1) as number;
    const rows: Dim = multiplyDims(batch, slots);
    const noises = input(graph, "policyNoise", dtype, [samples, rows, width]);
    const cosines = policy === "gaussian" ? null : input(graph, "policyCosines", dtype, [samples, rows, 1]);
    const ofSample = (all: Tensor, i: number): Tensor =>
      reshape(slice(all, 0, i, i + 1), [rows, all.shape.at(-1)!]);
    const still = detach(mean);
    const { direction, length } = directions(mean);
    const actions = Array.from({ length: samples }, (_, i) => {
      const noise = ofSample(noises, i);
      if (!cosines) {
        const scale = scaled(detach(length), spread / Math.sqrt(width));
        const latents = add(still, mul(noise, scale));
        const z = div(sub(latents, mean), scale);
        return { latents, logDensity: scaled(reduceMean(mul(z, z), [1], true), -0.5) };
      }
      const axis = detach(direction);
      const across = sub(noise, mul(axis, reduceSum(mul(axis, noise), [1], true)));
      const cosine = ofSample(cosines, i);
      const sine = sqrt(sub(scalar(cosine, 1), mul(cosine, cosine)));
      const drawn = add(mul(axis, cosine), mul(directions(across).direction, sine));
      const kappa = (width - 1) / spread ** 2;
      return {
        latents: mul(drawn, detach(length)),
        logDensity: scaled(reduceSum(mul(direction, drawn), [1], true), kappa / width),
      };
    });
    const tokens = actions.map(({ latents }) => logLikelihood(detach(latents)));
    const count = tokens[0]!.shape[0]!;
    const reply = input(graph, "replyTokens", dtype, [batch, count]);
    const rewards = concat(
      tokens.map((each) => reshape(exp(matMul(reply, reshape(each, [count, 1]))), [1, batch])),
      0,
    );
    const apart = sub(rewards, reduceMean(rewards, [0], true));
    const deviation = sqrt(reduceMean(mul(apart, apart), [0], true));
    const advantages = detach(div(apart, add(deviation, scalar(deviation, 1e-4))));
    const densities = concat(
      actions.map(({ logDensity }) =>
        reshape(reduceMean(reshape(logDensity, [batch, slots]), [1], true), [1, batch]),
      ),
      0,
    );
    return neg(reduceMean(mul(advantages, densities), [0, 1]));
  },
});
