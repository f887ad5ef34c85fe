import { defineRecipe } from "./types.ts";

export const linear = defineRecipe({
  description: "precise with a linear head, oracles in the slots throughout",
  source: "ablation of `precise`: head and own slots",
  plan: "bare",
  latentWeight: 1,
  head: { kind: "linear" },
  space: { kind: "standardised" },
});
