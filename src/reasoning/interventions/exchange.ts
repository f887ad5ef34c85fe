import { fixed, type Intervention } from "./types.ts";

export const exchange: Intervention = {
  description: "own latents of a partner with another right answer, which gets this example's in return",
  source: "ReaLVR (latent exchange)",
  needs: ["split"],
  lacking: "no partner with another right answer among its options",
  plan: ({ split, index, example }) => {
    const partner = split.partner[index];
    if (partner === null || partner === undefined) return null;
    const target = example.options.indexOf(split.answers[partner]!);
    const planned = fixed(split.own[partner]!, `own latents of example ${partner}`);
    return planned && target >= 0 ? { ...planned, target } : null;
  },
};
