import { fixed, type Intervention } from "./types.ts";

export const mean: Intervention = {
  description: "the split's mean own latent, per slot",
  source: "arXiv 2602.22766 (one shared latent for all instances)",
  needs: ["split"],
  lacking: "no example of the split has latents of its own",
  plan: ({ split }) => fixed(split.ownMean, "mean own latents of the split"),
};
