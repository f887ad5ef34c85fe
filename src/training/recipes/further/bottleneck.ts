import { plainStage, type View } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

/** Images hidden from the text behind the block, each token with this probability. */
const hidden = (share: number): View => ({ kind: "hidden-image", from: "answer", share });

export const bottleneck = defineRecipe({
  description:
    "as `linear`, with the images hidden from the answer: all of their tokens at first, then a half, then none",
  source: "after the two stages of LIVR, with a step between them",
  rationale: "bare",
  latentWeight: 1,
  head: { kind: "linear" },
  space: { kind: "standardised" },
  stages: [{ ...plainStage, view: hidden(1) }, { ...plainStage, view: hidden(0.5) }, plainStage],
});
