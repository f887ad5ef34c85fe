import { defineRecipe } from "./define.ts";

export const vae = defineRecipe({
  description:
    "as `linear` with a conditional variational autoencoder: the latent decoded from the learned prior’s mean is fed",
  source: "Lintel: for latents of several possible values; Sohn et al. 2015",
  rationale: "bare",
  latentWeight: 1,
  loss: { kind: "evidence-bound", beta: 0.1 },
  head: { kind: "vae", hidden: 512, code: 16 },
  space: { kind: "standardised" },
});
