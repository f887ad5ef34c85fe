import type { Suite } from "./types.ts";

export const viveiros: Suite = {
  title: "are latents bypassed, and are they collapsed?",
  source: "Viveiros et al., arXiv 2605.18445",
  interventions: [
    "own",
    "oracle",
    "zeros",
    "noise",
    "noise-matched",
    "mean",
    "other-own",
    "random-crop",
    "skip",
  ],
  analyses: ["reliance", "collapse"],
};
