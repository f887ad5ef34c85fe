/**
 * How finding F7 depends on the strength of fine-tuning, and on where the region is marked: inside it, with or without the mark
 * in the helper image, or beside it, where a crop never shows it. docs/study.md.
 */
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
    "whether bypass is learned (F7), over the strength of fine-tuning, with and without a mark in the helper image, and with a mark beside the region",
  datasets: {
    crop: { ...size, parameters: crop },
    "crop-marked-helper": { ...size, task: "crop", parameters: { ...crop, helper: "crop" } },
    "crop-marked-beside": { ...size, task: "crop", parameters: { ...crop, mark: "beside" } },
  },
  recipes: Object.fromEntries(strengths.map((strength) => [nameOf(strength), { of: "joint" }])),
  cells: [
    ...["crop", "crop-marked-beside"].map((task) => ({
      task,
      recipe: "text",
      training: { steps: 500, learningRate: 2e-3 },
      audits: [{ split: "eval", interventions: ["own"] }],
    })),
    ...[
      ["crop", "crop"],
      ["crop-marked-helper", "crop"],
      ["crop-marked-beside", "crop-marked-beside"],
    ].flatMap(([task, base]) =>
      strengths.map((strength) => ({
        task: task!,
        recipe: nameOf(strength),
        base: `${base}/text`,
        training: strength,
        audits: ["eval", "masked"].map((split) => ({
          split,
          interventions: ["own", "oracle", "zeros", "mean", "other-own"],
        })),
      })),
    ),
  ],
};
