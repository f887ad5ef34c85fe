import type { Suite } from "./types.ts";

export const knockout: Suite = {
  title: "what does the text after the block attend to, and what does it need?",
  source: "attention masks of Monet and LIVR; SCIENCE.md (attention)",
  interventions: [
    "own",
    "knockout(nothing)",
    "knockout(slots)",
    "knockout(markers)",
    "knockout(block)",
    "knockout(image)",
  ],
  analyses: ["reliance", "attention"],
};
