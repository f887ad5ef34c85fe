import { defineRecipe } from "./define.ts";

export const linear = defineRecipe({
  description: "precise with a linear head, oracles in the slots throughout",
  source: "ablation of `precise`: head and own slots",
  rationale: "bare",
  latentWeight: 1,
  head: { kind: "linear" },
  space: { kind: "standardised" },
});
