import { defineRecipe } from "./define.ts";
import { precise } from "./precise.ts";

export const preciseNoRationale = defineRecipe({
  ...precise,
  description: "precise without a rationale before the block",
  source: "ablation of `precise`: the rationale",
  rationale: "dropped",
});
