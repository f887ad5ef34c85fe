import { constant, ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const wmVlm = defineRecipe({
  description:
    "layers of the head’s own beside the decoder’s make all latents of a block at once, from its keys and from each other: first " +
    "the decoder learns to read oracles, then the branch alone is trained, then both on own latents with 0.1 · latent loss",
  source:
    "WM-VLM, arXiv 2609.34826; the first stage stands for its pretrained decoder, which a pocket model does not have",
  rationale: "dropped",
  latentWeight: 1,
  head: { kind: "branch", layers: 2, placement: "middle", hidden: 768, startImage: null },
  space: { kind: "standardised" },
  stages: [
    { ...plainStage, share: 2, latentFactor: constant(0) },
    { ...plainStage, share: 2, textWeight: constant(0), trains: "head" },
    { ...plainStage, share: 1, latentFactor: constant(0.1), slots: ownSlots({ gradient: true }) },
  ],
});
