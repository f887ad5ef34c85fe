import { defineRecipe } from "../define.ts";

export const pause = defineRecipe({
  description: "one learned vector in every slot: the same amount of computation, no content",
  source: "pause tokens, arXiv 2310.02226; the control of equal count of arXiv 2605.21642",
  rationale: "dropped",
  latentWeight: null,
  head: { kind: "placeholder", distinct: false },
});
