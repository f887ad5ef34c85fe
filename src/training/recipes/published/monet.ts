import { ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const monet = defineRecipe({
  description:
    "states before text with own latents are drawn to those with oracles; the gradient passes through the fed latents alone",
  source:
    "after Monet’s stage 2: alignment of observation tokens, weight 2, latent-only back-propagation; one model is teacher and student here",
  rationale: "dropped",
  loss: { kind: "distillation" },
  latentWeight: 2,
  stages: [{ ...plainStage, slots: ownSlots({ gradient: true }) }],
});
