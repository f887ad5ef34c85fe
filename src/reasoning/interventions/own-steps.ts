import type { Intervention } from "./types.ts";

export const ownSteps: Intervention = {
  description:
    "own latents, k of them: the model's own loop is run for so many steps, fewer or more than it has; 0 leaves the markers alone",
  source: "ReaLVR (K from 0 to 20)",
  parameters: { k: { description: "latents per block", example: 4, min: 0, max: 1024, whole: true } },
  needs: ["split"],
  lacking: "no latents of its own, or blocks whose length is no count that could be another",
  whole: true,
  plan: ({ own, rules }, values) => {
    const k = values.k as number;
    const { bounded, stop, static: tokens, placeholders } = rules;
    // Such blocks end where the model or a learned vector ends them, or stand in the prompt.
    if (own.length === 0 || !bounded || stop || tokens || placeholders) return null;
    if (k === 0) return { plan: { kind: "skip" }, from: "nothing" };
    return { plan: { kind: "own", steps: k }, from: `its own hidden states, ${k} in each block` };
  },
};
