import { fixed, type Intervention } from "./types.ts";

export const mean: Intervention = {
  description: "the split's mean own latent, per slot",
  source: "arXiv 2602.22766 (one shared latent for all instances)",
  needs: ["split"],
  plan: ({ split }) => fixed(split.ownMean),
};
