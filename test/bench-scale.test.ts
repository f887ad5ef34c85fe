import { expect, it } from "vitest";
import { summaryOf } from "../bench/scale/growth.ts";
import { newestOf, scaleTable } from "../bench/scale/page-text.ts";

it("gives the exponent of processor time between the two largest sizes, and what memory grew by over all", () => {
  const lines = [
    { n: 10_000, seconds: 7, cpuSeconds: 100, peakMiB: 500 },
    { n: 100, seconds: 7, cpuSeconds: 5, peakMiB: 100 },
    { n: 1_000, seconds: 7, cpuSeconds: 1, peakMiB: 200 },
  ];
  const { sizes, exponent, growthMiB } = summaryOf(lines);
  expect(sizes).toEqual([100, 1_000, 10_000]);
  expect(exponent).toBeCloseTo(2, 12);
  expect(growthMiB).toBe(400);
});

it("makes a table of the newest measurements, by command and size", () => {
  const entry = {
    date: "2026-12-01T00:00:00Z",
    commit: "abc",
    processor: "p",
    cores: 2,
    bench: "scale",
    case: "judge",
  };
  const found = newestOf([
    { ...entry, n: 100_000, seconds: 9, cpuSeconds: 20, peakMiB: 300 },
    { ...entry, n: 10_000, seconds: 9, cpuSeconds: 5, peakMiB: 1200 },
    { ...entry, n: 10_000, seconds: 9, cpuSeconds: 2, peakMiB: 250 },
    { ...entry, bench: "train", n: 1, seconds: 1, cpuSeconds: 1, peakMiB: 1 },
    { ...entry, case: "judge" },
  ]);
  expect(scaleTable(found).split("\n").slice(2)).toEqual([
    "| `judge` | 10,000 | 2.0 | 250 |  | 2026-12-01, abc |",
    "| `judge` | 100,000 | 20 | 300 | 1.00 | 2026-12-01, abc |",
  ]);
});
