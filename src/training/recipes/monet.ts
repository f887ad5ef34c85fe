import { ownSlots, plainStage } from "../parts/index.ts";
import { defineRecipe } from "./types.ts";

export const monet = defineRecipe({
  description:
    "states before text with own latents are drawn to those with oracles, with gradient through the feedback (Monet lets " +
    "that gradient through latents only; here all states carry it)",
  source:
    "after Monet’s stage 2: alignment of observation tokens, weight 2; one model is teacher and student here",
  plan: "dropped",
  loss: { kind: "distillation" },
  latentWeight: 2,
  stages: [{ ...plainStage, slots: ownSlots({ gradient: true }) }],
});
