import { fixed, type Intervention, repeated } from "./types.ts";

export const markerRepeat: Intervention = {
  description: "the embedding of the slots' placeholder token in every slot: as many pause tokens as latents",
  source: "arXiv 2605.21642 (count-matched control)",
  plan: ({ k, pad }) => fixed([repeated(pad, k)], "embedding of the placeholder token"),
};
