import { fixed, type Intervention } from "./types.ts";

export const noise: Intervention = {
  description: "standard normal noise, N(0, I), not matched in norm",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  plan: ({ k, width, random }) =>
    fixed([Float32Array.from({ length: k * width }, () => random.normal())], "N(0, I)"),
};
