import { precise } from "./precise.ts";
import { defineRecipe } from "./types.ts";

export const preciseNoRationale = defineRecipe({
  ...precise,
  description: "precise without a rationale before the block",
  source: "ablation of `precise`: the rationale",
  plan: "dropped",
});
