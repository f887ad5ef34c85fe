import { expect, it } from "vitest";
import { summaryOf } from "../bench/scale/growth.ts";

it("gives the exponent of time between the two largest sizes, and what memory grew by over all", () => {
  const lines = [
    { n: 10_000, seconds: 100, peakMiB: 500 },
    { n: 100, seconds: 5, peakMiB: 100 },
    { n: 1_000, seconds: 1, peakMiB: 200 },
  ];
  const { sizes, exponent, growthMiB } = summaryOf(lines);
  expect(sizes).toEqual([100, 1_000, 10_000]);
  expect(exponent).toBeCloseTo(2, 12);
  expect(growthMiB).toBe(400);
});
