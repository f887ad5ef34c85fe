import type { Suite } from "./types.ts";

export const trt: Suite = {
  title: "how much of the gain stays when the content goes, at a fixed number of tokens?",
  source: "Ablate-to-Validate, arXiv 2605.21642",
  interventions: [
    "own",
    "no-markers",
    "zeros",
    "noise",
    "first-repeat",
    "marker-repeat",
    "filler",
    "noise-matched",
    "mean",
    "other-own",
    "oracle",
    "oracle-budget(1)",
  ],
  analyses: ["reliance", "retained"],
};
