import { fixed, type Intervention } from "./types.ts";

export const otherOwn: Intervention = {
  description: "another example's own latents (a derangement of the split)",
  source: "arXiv 2603.25629 (distractor)",
  needs: ["split"],
  lacking: "no latents of its own, or no other example with any",
  plan: ({ split, index }) => {
    const other = split.otherOwn[index];
    return other === null || other === undefined
      ? null
      : fixed(split.own[other]!, `own latents of example ${other}`);
  },
};
