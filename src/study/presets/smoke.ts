import type { StudyInput } from "../plan.ts";
import { crop, pocket, tetris } from "./pocket.ts";

/** The pocket study in miniature: every part runs, nothing is learned well. For tests. */
export const smoke: StudyInput = {
  ...pocket,
  name: "smoke",
  description: "every part of the pocket study, too short to learn",
  datasets: {
    tetris: { train: 200, eval: 60, heldOut: 40, parameters: tetris },
    crop: { train: 200, eval: 60, parameters: crop },
    "crop-masked": { train: 200, eval: 60 },
  },
  cells: pocket.cells.map((cell) => ({
    ...cell,
    training: { steps: 12, batch: 32, warmup: 4, followEvery: 6, followExamples: 20, saveEvery: 4 },
  })),
};
