import { defineRecipe } from "./types.ts";

export const linear = defineRecipe({
  description: "joint with γ = 1, a linear head and standardised targets",
  source: "ablation of `precise`: oracles in the slots throughout",
  latentWeight: 1,
  head: { kind: "linear" },
  space: { kind: "standardised" },
});
