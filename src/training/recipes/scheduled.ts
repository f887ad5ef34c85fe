import { plainStage } from "../components/index.ts";
import { defineRecipe } from "./define.ts";

export const scheduled = defineRecipe({
  description: "joint with γ = 1, and more and more own latents in the slots over the last two fifths",
  source: "ablation of `precise`: no head, raw targets; LanteRn’s scheduled sampling has its warm-up of 0.6",
  rationale: "bare",
  latentWeight: 1,
  stages: [
    { ...plainStage, share: 3 },
    {
      ...plainStage,
      share: 2,
      slots: { kind: "own", share: { kind: "linear", from: 0, to: 1 }, gradient: false, passes: "one" },
    },
  ],
});
