import type { Recipe } from "./types.ts";

export const joint: Recipe = {
  description:
    "cross-entropy over text + 0.1 · MSE of post-norm hidden states to the oracle latents in the slots",
  source: "LanteRn, arXiv 2603.25629: γ = 0.1, shifted pairs, vision tower frozen",
  latents: true,
  latentWeight: 0.1,
};
