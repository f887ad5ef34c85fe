import { fixed, type Intervention } from "./types.ts";

export const zeros: Intervention = {
  description: "zero vectors",
  source: "arXiv 2605.18445; arXiv 2603.25629; arXiv 2605.21642",
  plan: ({ k, width }) => fixed([new Float32Array(k * width)], "zeros"),
};
