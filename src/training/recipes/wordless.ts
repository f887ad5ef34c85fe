import { precise } from "./precise.ts";
import { defineRecipe } from "./types.ts";

export const wordless = defineRecipe({
  ...precise,
  description: "precise without words before the block",
  source: "ablation of `precise`: the plan",
  plan: "dropped",
});
