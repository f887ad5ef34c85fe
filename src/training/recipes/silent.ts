import { defineRecipe } from "./types.ts";

export const silent = defineRecipe({
  description: "joint without words before the block, whatever the dataset has",
  source: "LanteRn, arXiv 2603.25629, whose Tetris has none: the reference for recipes with words",
  plan: "dropped",
});
