import { plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const livr = defineRecipe({
  description:
    "a learned token for each slot, first with the images hidden from text, then with everything in sight",
  source: "LIVR: bottleneck mask, then causal; no latent loss, nothing is fed back",
  rationale: "dropped",
  latentWeight: null,
  head: { kind: "placeholder", distinct: true },
  stages: [{ ...plainStage, view: { kind: "hidden-image", from: "question", share: 1 } }, plainStage],
});
