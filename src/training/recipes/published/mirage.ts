import { constant, ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const mirage = defineRecipe({
  description: "0.1 · cross-entropy + (1 − cosine) on oracles, then cross-entropy alone on own latents",
  source: "Mirage: 15 epochs of stage 1, 10 of stage 2, whose slots are filled pass by pass, with gradient",
  rationale: "dropped",
  loss: { kind: "cosine" },
  latentWeight: 1,
  stages: [
    { ...plainStage, share: 15, textWeight: constant(0.1) },
    { ...plainStage, share: 10, latentFactor: constant(0), slots: ownSlots({ gradient: true }) },
  ],
});
