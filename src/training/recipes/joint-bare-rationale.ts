import { defineRecipe } from "./define.ts";

export const jointBareRationale = defineRecipe({
  description: "joint with a bare rationale: the transformation in one or two words before the block",
  source: "ablation of `precise`: the rationale alone",
  rationale: "bare",
});
