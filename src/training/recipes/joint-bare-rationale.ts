import { defineRecipe } from "./types.ts";

export const jointBareRationale = defineRecipe({
  description: "joint with a bare rationale: the transformation in one or two words before the block",
  source: "ablation of `precise`: the rationale alone",
  plan: "bare",
});
