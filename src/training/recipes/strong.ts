import { defineRecipe } from "./types.ts";

export const strong = defineRecipe({
  description: "joint with γ = 1",
  source: "ablation of `precise`: the weight alone",
  plan: "bare",
  latentWeight: 1,
});
