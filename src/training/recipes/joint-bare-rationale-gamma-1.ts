import { defineRecipe } from "./types.ts";

export const jointBareRationaleGamma1 = defineRecipe({
  description: "joint with a bare rationale and γ = 1",
  source: "ablation of `precise`: the weight alone",
  plan: "bare",
  latentWeight: 1,
});
