import { suite } from "./suite.ts";

export const viveiros = suite({
  title: "are the latents bypassed, and have they collapsed (nearly equal for all examples)?",
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
  analyses: ["reliance", "collapse", "spread", "foundAndRight", "groupCosine", "dummyTokens"],
  conclusions: {
    "load-bearing": "own latents beat every content-free control",
    starved:
      "oracle latents beat every content-free control, and own latents close at most a tenth of the way to them",
    bypassed: "every content-free control, and the oracle, is equivalent to own latents",
  },
  conclude: ({ verdict, verdictReason }) => ({
    conclusion: verdict === "no-latents" ? "inconclusive" : verdict,
    reason: verdictReason,
  }),
});
