import { plainStage } from "../parts/index.ts";
import { defineRecipe } from "./types.ts";

export const precise = defineRecipe({
  description:
    "γ = 1, a linear head, standardised targets; oracles in the slots first, own latents more and more at the end",
  source: "Lintel, docs/frontier.md",
  latentWeight: 1,
  head: { kind: "linear" },
  space: { kind: "standardised" },
  stages: [
    { ...plainStage, share: 4 },
    {
      ...plainStage,
      share: 1,
      slots: { kind: "own", share: { kind: "linear", from: 0, to: 1 }, gradient: false, passes: "one" },
    },
  ],
});
