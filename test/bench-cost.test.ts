/** What `npm run bench:cost` makes of the lines of its benchmarks. */
import { expect, it } from "vitest";
import { figureOf, summary } from "../bench/bars.ts";

const line = (what: string, more: Record<string, unknown>) => ({ case: what, ours: 1, ratio: 1, ...more });

it("takes ratios that have a bar, limits, and costs; nothing of what was not compared", () => {
  expect(figureOf(line("tokens", { ratio: 1.2, bar: 1.1 }))).toEqual({ value: 1.2, bar: 1.1, atMost: false });
  expect(figureOf(line("memory", { ours: 3000, most: 4096 }))).toEqual({
    ...{ value: 3000, bar: 4096, atMost: true },
  });
  expect(figureOf(line("audit", { cost: 1.6, ratio: 1.25 }))).toEqual({ value: 1.6, bar: 2, atMost: true });
  expect(figureOf(line("separate", {}))).toBeNull();
  expect(figureOf(line("no peer", { bar: 1, ratio: null }))).toBeNull();
});

it("judges each case by the middle of its rounds", () => {
  const rounds = [0.9, 1.3, 1.2].map((ratio) => line("tokens", { ratio, bar: 1.1 }));
  const limits = [4000, 5000, 4200].map((ours) => line("memory", { ours, most: 4096 }));
  expect(summary([...rounds, ...limits]).map(({ what, value, kept }) => [what, value, kept])).toEqual([
    ["tokens", 1.2, true],
    ["memory", 4200, false],
  ]);
});
