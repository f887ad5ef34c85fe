import { describe, expect, test } from "vitest";
import { exactEquivalencePower, exactMcnemarPower, observedDiscordance } from "../../statistics/index.ts";
import { LintelError } from "../../util/index.ts";
import type { Comparison } from "../record/schema.ts";
import { sampleSizes } from "./sample-size.ts";
import { contentDummies, judge } from "./verdict.ts";

describe("how many examples", () => {
  test("the formula of the literature is printed beside what the exact test needs", () => {
    const { rows } = sampleSizes({ power: 0.9 });
    expect(rows[0]).toMatchObject({ verdict: "bypassed", comparisons: 6, oneNormal: 1353 });
    expect(rows[0]!.one).toBeGreaterThan(1353);
    expect(rows[0]!.one).toBeLessThan(1353 * 1.07);
    expect(rows[0]!.power).toBeGreaterThanOrEqual(0.9);
    expect(rows[0]!.all).toBeGreaterThan(rows[0]!.one!);
  });
  test("exact powers: by hand where they can be", () => {
    expect(exactEquivalencePower(149, { first: 0, second: 0 }, 0.02)).toBe(1);
    expect(exactEquivalencePower(148, { first: 0, second: 0 }, 0.02)).toBe(0);
    // Six pairs all of one kind: p = 2 / 64; five are not enough.
    expect(exactMcnemarPower(6, { first: 1, second: 0 })).toBeCloseTo(1, 12);
    expect(exactMcnemarPower(5, { first: 1, second: 0 })).toBe(0);
    expect(exactMcnemarPower(6, { first: 0.9, second: 0.1 })).toBeCloseTo(0.9 ** 6, 12);
  });
  test("shared images cost as many times more as the design effect says", () => {
    const alone = sampleSizes({ margin: 0.1, gain: 0.2 });
    const shared = sampleSizes({ margin: 0.1, gain: 0.2, perImage: 4, correlation: 0.5 });
    expect(shared.designEffect).toBe(2.5);
    expect(shared.rows[1]!.all).toBe(Math.ceil(alone.rows[1]!.all! * 2.5));
  });
  test("what makes no sense is refused, and only that is named", () => {
    expect(() => sampleSizes({ power: 80, margin: 0 })).toThrow(/got margin of 0, power of 80$/);
    expect(() => sampleSizes({ gain: 0.5, discordance: 0.6 })).toThrow(/got discordance \+ gain of 1\.1$/);
    expect(() => sampleSizes({ chance: 0.6, oracleGain: 0.5 })).toThrow(/chance \+ oracle gain of at most 1/);
    expect(() => sampleSizes({ margin: 2 })).toThrow(LintelError);
    expect(() => sampleSizes({ gain: 0 })).toThrow(/gain above 0/);
  });
});

describe("an inconclusive audit asks for as many examples as a plan with the rates that it saw", () => {
  /** The same counts under every dummy. */
  const seen = (n: number, lost: number, won: number, verdict: string) => {
    const rows = contentDummies.map(
      (intervention): Comparison => ({
        intervention,
        reference: "own",
        ...{ difference: (won - lost) / n, interval: null, mcnemarP: 0.5, holmP: 1, equivalent: false },
        ...{ equivalenceP: 0.5, margin: 0.05, n, rightToWrong: lost, wrongToRight: won },
      }),
    );
    const { reason } = judge(rows, { n, opened: n });
    const all = Number(new RegExp(`([\\d,]+) for ${verdict}`).exec(reason)![1]!.replaceAll(",", ""));
    const { first: second, second: first } = observedDiscordance(won, lost, n);
    return { all, gain: first - second, discordance: 2 * second };
  };
  // The audit uses normal formulas (it asks at every summary), the plan the exact tests: to 10 % and 8 examples.
  const near = (one: number, other: number): void =>
    expect(Math.abs(one - other)).toBeLessThanOrEqual(8 + 0.1 * Math.max(one, other));
  test.each([
    [60, 4, 1],
    [60, 6, 2],
    [150, 24, 15],
    [200, 9, 3],
    [400, 20, 9],
  ])("load-bearing: %i pairs, %i lost and %i won", (n, lost, won) => {
    const { all, gain, discordance } = seen(n, lost, won, "load-bearing");
    near(all, sampleSizes({ gain, discordance, margin: 0.05, oracle: false }).rows[1]!.all!);
  });
  test.each([
    [60, 1],
    [100, 1],
    [150, 3],
  ])("bypassed: %i pairs, %i of each kind", (n, each) => {
    const { all, discordance } = seen(n, each, each, "bypassed");
    near(all, sampleSizes({ gain: 0.3, discordance, margin: 0.05, oracle: false }).rows[0]!.all!);
  });
});
