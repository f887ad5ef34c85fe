import type { Suite } from "./types.ts";

export const mediation: Suite = {
  title: "does the image move the latents, and do the latents move the answer?",
  source:
    "Imagination Helps Visual Reasoning, But Not Yet in Latent Space, arXiv 2602.22766; ReaLVR (exchange)",
  interventions: [
    "own",
    "sham",
    "exchange",
    "other-own",
    "clamp",
    "noisy-image(0.1)",
    "blank-image",
    "other-image",
  ],
  analyses: ["imageToLatents", "latentsToAnswer"],
};
