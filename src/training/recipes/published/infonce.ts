import { defineRecipe } from "../define.ts";

export const infonce = defineRecipe({
  description:
    "cross-entropy over text + 0.1 · contrast of blocks with the batch’s, those of wrong options counted twice",
  source: "LanteRn, arXiv 2603.25629, `infonce_loss`: τ = 0.07, both directions, hard negatives + log 2",
  rationale: "dropped",
  loss: { kind: "infonce", temperature: 0.07, hardNegatives: true },
});
