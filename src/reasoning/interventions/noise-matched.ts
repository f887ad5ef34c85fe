import { fixed, type Intervention } from "./types.ts";

export const noiseMatched: Intervention = {
  description:
    "Gaussian noise with the mean and variance of own latents over the split, per slot and dimension",
  source: "arXiv 2605.21642",
  needs: ["split"],
  plan: ({ split: { ownMean, ownDeviation }, random }) =>
    fixed(ownMean && ownDeviation && ownMean.map((mean, i) => mean + ownDeviation[i]! * random.normal())),
};
