/** The table of docs/speed.md. */
import { expect, it } from "vitest";
import { type HistoryEntry, seriesOf, speedTable } from "../bench/page-text.ts";

const entry = (changes: Partial<HistoryEntry>): HistoryEntry => ({
  ...{
    date: "2026-12-01T02:00:00Z",
    commit: "abc",
    processor: "P",
    cores: 2,
    bench: "train",
    case: "pocket",
  },
  ...{ peer: "eager", ours: 12, theirs: 6, unit: "steps/s", ratio: 2 },
  ...changes,
});

it("shows the newest figure, and median and range of all runs, by case and peer", () => {
  const series = seriesOf([
    entry({}),
    entry({ peer: "a | b", ratio: 8 }),
    entry({ ratio: 4, ours: 24 }),
    entry({ ratio: 3, ours: 18, date: "2026-12-02T02:00:00Z" }),
    entry({ peer: null, ratio: null }),
  ]);
  expect(series.map(({ peer, entries }) => [peer, entries.length])).toEqual([
    ["eager", 3],
    ["a | b", 1],
  ]);
  const [, , first, second] = speedTable(series).split("\n");
  expect(first).toBe(
    "| `bench:train` | pocket | eager | 18 and 6 steps/s | 3 | 3 (2–4, 3) | 2026-12-02, abc, P, 2 cores |",
  );
  expect(second).toContain("a \\| b");
});
