import type { Intervention } from "./types.ts";

export const noMarkers: Intervention = {
  description:
    "no block at all: the start marker is suppressed and text goes on (the latent channel disabled)",
  source: "arXiv 2606.01287",
  whole: true,
  plan: () => ({ plan: { kind: "suppressed" }, from: "nothing" }),
};
