import { defineRecipe } from "./define.ts";

export const mixture = defineRecipe({
  description:
    "as `linear` with a mixture density head: the likelihood of eight components, the likeliest one’s mean fed",
  source: "Lintel: for latents of several possible values; Bishop 1994",
  rationale: "bare",
  latentWeight: 1,
  loss: { kind: "mixture-likelihood" },
  head: { kind: "mixture", components: 8 },
  space: { kind: "standardised" },
});
