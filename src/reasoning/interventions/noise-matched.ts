import { fixed, type Intervention } from "./types.ts";

export const noiseMatched: Intervention = {
  description:
    "Gaussian noise with the mean and variance of own latents over the split, per slot and dimension",
  source: "arXiv 2605.21642",
  needs: ["split"],
  lacking: "no example of the split has latents of its own",
  plan: ({ split: { ownMean, ownDeviation }, random }) =>
    fixed(
      ownMean.map((mean, b) => mean.map((m, i) => m + ownDeviation[b]![i]! * random.normal())),
      "noise with the moments of the split's own latents",
    ),
};
