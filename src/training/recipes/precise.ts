import { plainStage } from "../components/index.ts";
import { defineRecipe } from "./define.ts";

export const precise = defineRecipe({
  description:
    "the transformation in a word or two before the block, γ = 1, a head that answers in front of the vision tower’s " +
    "merger, which makes the latent; oracles in the slots first, own latents more and more over the last fifth",
  source: "Lintel, docs/frontier.md",
  rationale: "bare",
  latentWeight: 1,
  loss: { kind: "cells" },
  head: { kind: "merger", hidden: 1536 },
  space: { kind: "standardised" },
  stages: [
    { ...plainStage, share: 4 },
    {
      ...plainStage,
      share: 1,
      slots: { kind: "own", share: { kind: "linear", from: 0, to: 1 }, gradient: true, passes: "one" },
    },
  ],
});
