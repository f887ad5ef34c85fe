import { ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const coconut = defineRecipe({
  description: "own latents from the first step, learned through the answer alone; helpers are never seen",
  source:
    "Coconut, arXiv 2412.06769: gradient through every latent that was fed; without its curriculum over steps in words",
  rationale: "dropped",
  latentWeight: null,
  stages: [{ ...plainStage, slots: ownSlots({ gradient: true }) }],
});
