import { defineRecipe } from "./define.ts";

export const jointNoRationale = defineRecipe({
  description: "joint without a rationale before the block, even where the dataset has one",
  source: "LanteRn, arXiv 2603.25629, whose Tetris has none: the reference for recipes with a rationale",
  rationale: "dropped",
});
