import { defineRecipe } from "../define.ts";

export const joint = defineRecipe({
  description:
    "cross-entropy over text + 0.1 · MSE of post-norm hidden states to the oracle latents in the slots",
  source: "LanteRn, arXiv 2603.25629: γ = 0.1, shifted pairs, vision tower frozen",
});
