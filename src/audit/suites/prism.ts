import type { Suite } from "./types.ts";

export const prism: Suite = {
  title: "is the answer in the latents, and does the model read it there?",
  source: "Cosine Misleads (PRISM), arXiv 2606.05753",
  interventions: [
    "own",
    "zeros",
    "truncate(0)",
    "truncate(1)",
    "noise-added(0.1)",
    "noise-added(0.3)",
    "noise-added(1)",
    "donor",
  ],
  analyses: ["probes", "reliance"],
};
