import { fixed, type Intervention } from "./types.ts";

export const otherOracle: Intervention = {
  description: "another example's oracle latents (a derangement of the split)",
  source: "arXiv 2603.25629 (distractor)",
  needs: ["split"],
  lacking: "no helper image, or no other example with one",
  plan: ({ split, index }) => {
    const other = split.otherOracle[index];
    return other === null || other === undefined
      ? null
      : fixed(split.oracle[other]!, `oracles of example ${other}`);
  },
};
