import { defineRecipe } from "../define.ts";

export const text = defineRecipe({
  description: "the same examples and steps without latents: cross-entropy over the answer alone",
  source: "control of arXiv 2605.18445",
  latents: false,
  latentWeight: null,
});
