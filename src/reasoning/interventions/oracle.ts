import { fixed, type Intervention } from "./types.ts";

export const oracle: Intervention = {
  description: "compressed features of the right helper image",
  source: "arXiv 2605.18445; arXiv 2603.25629",
  needs: ["oracle"],
  lacking: "no helper image",
  plan: ({ oracle: blocks }) => fixed(blocks, "oracles of its helper images"),
};
