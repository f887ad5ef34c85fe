import type { StudyInput } from "../plan.ts";

/** Answers alone: what a model without latents can be asked for. */
const answers = ["own"];

/** Three rotations and a decoy, as when the study was first run; without them who finds the decoy has one in three. */
export const tetris = { options: "rotations" };

export const crop = { helper: "unmarked" };

/** Fine-tuning with latents. Where only latents can tell, learning to read them takes longer (docs/notebook.md). */
const fineTuning = {
  clear: { steps: 300, learningRate: 3e-3 },
  masked: { steps: 500, learningRate: 2e-3 },
};

/** The paper's findings in minutes: tetris, whose latents must carry load, and crops, whose latents need not. */
export const pocket: StudyInput = {
  name: "pocket",
  description: "the findings of arXiv 2605.18445 on models trained from scratch",
  findings: "paper",
  datasets: {
    tetris: { train: 8000, eval: 1000, heldOut: 500, parameters: tetris },
    // Helpers without the mark: what the base has learned to look for must not lead it to the latent (docs/notebook.md).
    crop: { train: 8000, eval: 1500, parameters: crop },
    "crop-masked": { train: 8000, eval: 1000 },
  },
  cells: [
    {
      task: "tetris",
      recipe: "joint",
      training: { steps: 200 },
      audits: [{ split: "eval" }, { split: "held-out" }],
    },
    {
      task: "crop",
      recipe: "text",
      training: { steps: 500, learningRate: 2e-3 },
      audits: [{ split: "eval", interventions: answers }],
    },
    {
      task: "tetris",
      recipe: "text",
      training: { steps: 200 },
      audits: [
        { split: "eval", interventions: answers },
        { split: "held-out", interventions: answers },
      ],
    },
    {
      task: "crop",
      recipe: "joint",
      base: "crop/text",
      training: fineTuning.clear,
      audits: [{ split: "eval" }, { split: "masked" }],
    },
    {
      task: "crop-masked",
      recipe: "joint",
      base: "crop/text",
      training: fineTuning.masked,
      audits: [{ split: "eval" }],
    },
  ],
};
