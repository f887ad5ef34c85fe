import { expect, it } from "vitest";
import { simulate } from "./sequential.fixture.ts";
import { evenLooks, lookLevels } from "./sequential.ts";

it("levels rise, add up to α, and one look has all of it", () => {
  expect(lookLevels([1])).toEqual([0.05]);
  for (const looks of [2, 3, 5, 10]) {
    const levels = lookLevels(evenLooks(looks));
    expect(levels.reduce((a, b) => a + b)).toBeCloseTo(0.05, 12);
    expect(levels.every((level, i) => level > (levels[i - 1] ?? 0))).toBe(true);
  }
  expect(() => lookLevels([0.5, 0.4, 1])).toThrow(/rise to 1/);
  expect(() => lookLevels([0.5])).toThrow(/rise to 1/);
});

it("four looks err no more than one, and stop early where there is much to see (small simulation)", () => {
  const equal = { n: 120, looks: 4, own: 0.5, controls: [0.5] };
  expect(simulate(equal, 200).shown).toBeLessThanOrEqual(0.08);
  const better = simulate({ n: 240, looks: 4, own: 0.8, controls: [0.4, 0.4, 0.4, 0.4, 0.4] }, 60);
  expect(better.shown).toBeGreaterThan(0.9);
  expect(better.used).toBeLessThan(0.7);
}, 60_000);
