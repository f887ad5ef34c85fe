import { defineRecipe } from "./define.ts";

export const couplingFlow = defineRecipe({
  description:
    "as `linear` with a normalizing flow: trained by likelihood, what it makes of its base distribution’s mode is fed",
  source: "Lintel: for latents of several possible values; RealNVP, arXiv 1605.08803",
  rationale: "bare",
  latentWeight: 1,
  loss: { kind: "flow-likelihood" },
  head: { kind: "coupling-flow", hidden: 256, layers: 4 },
  space: { kind: "standardised" },
});
