import { expect, it } from "vitest";
import { comparison, lossGap, type StudyRun } from "../bench/study/lines.ts";

const study = (seconds: number, losses: number[]): StudyRun => ({
  seconds,
  cpu: 2 * seconds,
  cells: {
    "tetris/joint": {
      losses: [...losses, 0.1],
      audits: { eval: { own: { accuracy: 0.3 }, oracle: { accuracy: 0.9 } } },
    },
  },
});
const steps = [27, 26, 25, 24, 23];

it("compares whole studies, and the losses of their first steps", () => {
  const pairs = [
    { ours: study(10, steps), theirs: study(20, steps) },
    { ours: study(10, steps), theirs: study(15, steps) },
    { ours: study(20, steps), theirs: study(60, steps) },
  ];
  const line = comparison({ name: "pocket", pairs, threads: 2, versions: { lintel: "0.1.0" } });
  expect(line).toMatchObject({
    ...{ ours: 10, theirs: 20, ratio: 2, range: [1.5, 3], pairs: 3, cpuRatio: 2, lossGap: 0 },
    accuracies: { ours: { "tetris/joint eval": [0.3, 0.9] }, theirs: { "tetris/joint eval": [0.3, 0.9] } },
  });
});

it("finds losses that are apart, and models that were not trained", () => {
  const other = [...steps.slice(0, 4), 22.77];
  expect(lossGap(study(1, steps), study(1, other))).toBeCloseTo(0.01, 6);
  expect(lossGap(study(1, steps), { ...study(1, steps), cells: {} })).toBe(Number.POSITIVE_INFINITY);
});
