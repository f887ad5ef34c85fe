import { defineRecipe } from "./types.ts";

export const worded = defineRecipe({
  description: "joint with the transformation in a word or two before the block",
  source: "ablation of `precise`: the plan alone",
  plan: "bare",
});
