import type { Intervention } from "./types.ts";

export const slotsOnly: Intervention = {
  description: "own latents without the two markers",
  source: "arXiv 2606.01287",
  needs: ["split"],
  lacking: "no latents of its own",
  whole: true,
  plan: ({ own: blocks }) =>
    blocks.length === 0
      ? null
      : { plan: { kind: "fixed", blocks, bare: true }, from: "its own recorded latents" },
};
