/** How finding F7 depends on the strength of fine-tuning, and on a mark in the helper image: docs/study.md. */
import type { StudyInput } from "../plan.ts";
import { crop } from "./pocket.ts";

/** From gentle to strong. */
const strengths = [
  { steps: 150, learningRate: 3e-4 },
  { steps: 75, learningRate: 1e-3 },
  { steps: 300, learningRate: 1e-3 },
  { steps: 150, learningRate: 3e-3 },
  { steps: 300, learningRate: 3e-3 },
  { steps: 150, learningRate: 6e-3 },
];

const nameOf = ({ steps, learningRate }: (typeof strengths)[number]): string =>
  `joint-${steps}-steps-lr-${learningRate}`;

const size = { train: 8000, eval: 1000 };

export const regimes: StudyInput = {
  name: "regimes",
  description:
    "whether bypass is learned (F7), over the strength of fine-tuning, with and without a mark in the helper image",
  datasets: {
    crop: { ...size, parameters: crop },
    "crop-marked-helper": { ...size, task: "crop", parameters: { ...crop, helper: "crop" } },
  },
  recipes: Object.fromEntries(strengths.map((strength) => [nameOf(strength), { of: "joint" }])),
  cells: [
    {
      task: "crop",
      recipe: "text",
      training: { steps: 500, learningRate: 2e-3 },
      audits: [{ split: "eval", interventions: ["own"] }],
    },
    ...["crop", "crop-marked-helper"].flatMap((task) =>
      strengths.map((strength) => ({
        task,
        recipe: nameOf(strength),
        base: "crop/text",
        training: strength,
        audits: ["eval", "masked"].map((split) => ({
          split,
          interventions: ["own", "oracle", "zeros", "mean", "other-own"],
        })),
      })),
    ),
  ],
};
