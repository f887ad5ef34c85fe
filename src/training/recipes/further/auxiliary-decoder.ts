import { defineRecipe } from "../define.ts";

export const auxiliaryDecoder = defineRecipe({
  description:
    "no words before the block: a decoder that is dropped afterwards has to read them off the latents of a linear head",
  source: "after SIM-CoT, arXiv 2509.20317, and CoLT, arXiv 2606.31986",
  rationale: "dropped",
  latentWeight: 1,
  loss: { kind: "auxiliary-decoder", hidden: 128, words: 4, weight: 0.5 },
  head: { kind: "linear" },
  space: { kind: "standardised" },
});
