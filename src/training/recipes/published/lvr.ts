import { defineRecipe } from "../define.ts";

export const lvr = defineRecipe({
  description: "cross-entropy over text + 0.1 · MSE through a head of two layers",
  source: "LVR, stage 1, with its `lvr_head`; the released checkpoint has none and is then `joint`",
  rationale: "dropped",
  head: { kind: "mlp", hidden: 96 },
});
