/** Beyond the pocket: more than five million parameters, the whole question in one picture. What came out: docs/frontier.md. */
import type { StudyInput } from "../plan.ts";

export const larger: StudyInput = {
  name: "larger",
  description: "one larger model, the question in one composite picture",
  datasets: {
    "tetris-composite": {
      task: "tetris",
      train: 20000,
      eval: 500,
      heldOut: 500,
      parameters: { by: "words", layout: "composite", plan: "brief" },
    },
  },
  cells: [
    {
      task: "tetris-composite",
      recipe: "precise",
      threads: 2,
      training: {
        steps: 1900,
        batch: 64,
        learningRate: 1.5e-3,
        shape: { layers: 4, heads: 5, hiddenSize: 320, intermediateSize: 640 },
        followEvery: 190,
        followExamples: 100,
        saveEvery: 190,
      },
      audits: ["eval", "held-out"].map((split) => ({ split, maxTokens: 24 })),
    },
  ],
};
