import { fixed, type Intervention } from "./types.ts";

export const sham: Intervention = {
  description:
    "own latents as they were recorded, put back: an exchange with oneself, which must change nothing",
  source: "ReaLVR (sham of the latent exchange)",
  needs: ["split"],
  lacking: "no latents of its own",
  plan: ({ own }) => fixed(own, "its own recorded latents"),
};
