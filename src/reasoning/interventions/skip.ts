import type { Intervention } from "./types.ts";

export const skip: Intervention = {
  description: "nothing: the start marker, then the end marker",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  whole: true,
  plan: () => ({ plan: { kind: "skip" }, from: "nothing" }),
};
