/** Every suite concludes what accuracies mean. */
import { expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { summarize } from "../judge/summary.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { suiteOf } from "./index.ts";

const evidence = (n: number, rates: Record<string, number>): Evidence => {
  const outcomes = plant({ n, seed: 1, rates, shared: 1 });
  return evidenceOf(outcomes, summarize(outcomes, null, { split: "eval" }), () => undefined);
};

it("concludes from accuracies what they mean", () => {
  const rates = { own: 0.9, oracle: 0.9, ...dummies(0.9), "marker-repeat": 0.9, "no-markers": 0.4 };
  const trt = (more: Record<string, number>) =>
    suiteOf("trt").conclude(evidence(400, { ...rates, ...more })).conclusion;
  expect(trt({})).toBe("retained");
  expect(trt({ "no-markers": 0.9 })).toBe("no gain");
  expect(trt({ ...dummies(0.4), "marker-repeat": 0.4 })).toBe("content");
  expect(trt({ ...dummies(0.4), "marker-repeat": 0.4, own: 0.4 })).toBe("starved");
  expect(trt({ zeros: 0.4 })).toBe("inconclusive");
  const markers = (own: number, skip: number, none: number) =>
    suiteOf("markers").conclude(evidence(400, { own, skip, "no-markers": none })).conclusion;
  expect([markers(0.9, 0.9, 0.4), markers(0.9, 0.4, 0.4), markers(0.9, 0.9, 0.9)]).toEqual([
    "markers",
    "slots",
    "neither",
  ]);
  expect([markers(0.9, 0.6, 0.4), markers(0.4, 0.9, 0.9)]).toEqual(["both", "inconclusive"]);
});
