import { defineRecipe } from "./define.ts";

export const codebook = defineRecipe({
  description: "γ = 1, cross-entropy over 256 codes of oracle latents, the likeliest code fed",
  source: "Lintel: for latents of few kinds, as patches are",
  rationale: "bare",
  latentWeight: 1,
  loss: { kind: "codes" },
  head: { kind: "codebook", codes: 256, groups: 1, fed: "straight-through" },
});
