import { constant, ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const rectifiedFlow = defineRecipe({
  description: "a rectified-flow head learns to generate latents, then the answer is learned on own latents",
  source:
    "after WM-VLM’s two stages; a head of three layers over one hidden state, not its second branch of the network",
  rationale: "dropped",
  loss: { kind: "flow" },
  head: { kind: "flow", hidden: 192, steps: 4 },
  space: { kind: "standardised" },
  latentWeight: 1,
  stages: [
    // The markers have to be learned: a little of the text’s loss stays.
    { ...plainStage, textWeight: constant(0.1) },
    { ...plainStage, latentFactor: constant(0.1), slots: ownSlots({ gradient: false }) },
  ],
});
