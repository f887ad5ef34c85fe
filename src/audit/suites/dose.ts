import type { Suite } from "./types.ts";

export const dose: Suite = {
  title: "does the answer follow the latents by degrees?",
  source: "dose–response (SCIENCE.md)",
  interventions: [
    "own",
    "oracle",
    ...["0", "0.25", "0.5", "0.75", "1"].map((a) => `blend(${a})`),
    ...["0", "0.1", "0.3", "1", "3"].map((s) => `jitter(${s})`),
  ],
  analyses: ["doseCurves"],
};
