import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairedInterval, scoreInterval, scoreTail } from "./index.ts";

const golden = JSON.parse(
  readFileSync(new URL("../../test/goldens/statistics/paired-interval.json", import.meta.url), "utf8"),
) as {
  intervals: { b: number; c: number; n: number; interval: [number, number] }[];
  attainable: { cells: number; inside: number }[];
};
const of = (b: number, c: number, n: number) =>
  pairedInterval({ n11: 0, n10: b, n01: c, n00: n - b - c }).value!.interval;

describe("mid-p score interval of a paired difference", () => {
  test.each(golden.intervals)(
    "equals sums over every table by numpy: $b and $c of $n",
    ({ b, c, n, interval }) => {
      const found = of(b, c, n);
      for (const side of [0, 1] as const) expect(Math.abs(found[side] - interval[side])).toBeLessThan(1e-10);
    },
  );
  test("holds the difference, has a width, and mirrors", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.integer({ min: 2, max: 150 }), (b, c, more) => {
        const n = b + c + more;
        const [low, high] = of(b, c, n);
        expect(low).toBeLessThan((b - c) / n);
        expect(high).toBeGreaterThan((b - c) / n);
        const [other, ...rest] = of(c, b, n);
        expect(other).toBeCloseTo(-high, 12);
        expect(rest[0]).toBeCloseTo(-low, 12);
      }),
      { numRuns: 60 },
    );
  });
  test("no discordant pair: as wide as the equivalence test says, 149 pairs for two points", () => {
    expect(of(0, 0, 149)[1]).toBeCloseTo(1 - 0.05 ** (1 / 149), 12);
    expect(of(0, 0, 148)[1]).toBeGreaterThan(0.02);
    expect(of(0, 0, 149)[1]).toBeLessThan(0.02);
  });
  test("with many discordant pairs it is Tango's, and close to it just below", () => {
    const [many, same] = [of(30, 11, 300), scoreInterval(30, 11, 300, 1.959963984540054)];
    for (const side of [0, 1] as const) expect(many[side]).toBeCloseTo(same[side], 14);
    const [few, tango] = [of(29, 11, 300), scoreInterval(29, 11, 300, 1.959963984540054)];
    for (const side of [0, 1] as const) expect(Math.abs(few[side] - tango[side])).toBeLessThan(0.001);
  });
  test("fewer than two pairs: none, with a reason", () => {
    expect(pairedInterval({ n11: 1, n10: 0, n01: 0, n00: 0 })).toMatchObject({
      value: null,
      reason: "1 pair; an interval needs at least 2",
    });
  });
  test("tails of a sure thing", () => {
    expect(scoreTail(0, 0, 10, 0)).toBeCloseTo(0.5, 12);
    expect(scoreTail(0, 0, 10, 0.1)).toBeCloseTo(0.9 ** 10 / 2, 12);
  });
});
