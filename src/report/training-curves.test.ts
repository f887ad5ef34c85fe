import { expect, test } from "vitest";
import { trainingCurve } from "./training-curves.ts";

test("losses are averaged into at most a hundred buckets that end at their last step", () => {
  const lines = Array.from({ length: 1000 }, (_, i) => ({ step: i + 1, textLoss: i, latentLoss: 2 * i }));
  const { losses } = trainingCurve(lines);
  expect(losses).toHaveLength(100);
  expect(losses[0]).toEqual({ step: 10, text: 4.5, latent: 9 });
  expect(losses.at(-1)!.step).toBe(1000);
});

test("a journal without latent loss has none, and the whole loss stands in for the text's", () => {
  expect(trainingCurve([{ step: 1, loss: 2 }]).losses).toEqual([{ step: 1, text: 2, latent: null }]);
});

test("accuracies keep their steps; of a step that came twice the later line counts", () => {
  const lines = [
    { step: 20, accuracy: { own: 0.5 } },
    { step: 10, accuracy: { own: 0.25, oracle: null } },
    { step: 10, accuracy: { own: 0.3, oracle: 0.9 } },
    { step: 10, textLoss: 3 },
    { step: 10, textLoss: 1 },
  ];
  const { losses, accuracy } = trainingCurve(lines);
  expect(accuracy).toEqual([
    { step: 10, values: { own: 0.3, oracle: 0.9 } },
    { step: 20, values: { own: 0.5 } },
  ]);
  expect(losses).toEqual([{ step: 10, text: 1, latent: null }]);
});

test("lines of another form are passed over", () => {
  expect(trainingCurve([null, 3, "x", {}, { step: "1", loss: 1 }, { step: 1, loss: Number.NaN }])).toEqual({
    losses: [],
    accuracy: [],
  });
});
