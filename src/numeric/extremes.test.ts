import { expect, it } from "vitest";
import { largest, smallest } from "./extremes.ts";

it("takes more values than a call may have arguments", () => {
  const values = Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 300_007);
  expect(() => Math.max(...values)).toThrow(RangeError);
  expect([largest(values), smallest(values)]).toEqual([300_006, 0]);
  expect([largest([]), smallest([])]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  expect([largest([-1], 0), smallest([1], 0), largest([1, Number.NaN, 2])]).toEqual([0, 0, Number.NaN]);
});
