import { defineRecipe } from "./define.ts";

export const jointBareRationaleGamma1 = defineRecipe({
  description: "joint with a bare rationale and γ = 1",
  source: "ablation of `precise`: the weight alone",
  rationale: "bare",
  latentWeight: 1,
});
