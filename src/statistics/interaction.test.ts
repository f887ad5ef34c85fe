import { describe, expect, it } from "vitest";
import { random } from "../util/index.ts";
import { interaction, interactionPower } from "./interaction.ts";

/** Differences in differences of four outcomes that share an example's luck. */
function drawn(
  n: number,
  rates: readonly [number, number, number, number],
  seed: number,
  shared = 0.5,
): number[] {
  const r = random(seed, "interaction");
  return Array.from({ length: n }, () => {
    const common = r.uniform();
    const [a, b, c, d] = rates.map((rate) => Number((r.uniform() < shared ? common : r.uniform()) < rate));
    return a! - b! - (c! - d!);
  });
}

describe("interaction", () => {
  it("changes its sign with the order of conditions, and nothing else", () => {
    const values = drawn(120, [0.9, 0.3, 0.8, 0.7], 1);
    const [one, other] = [
      interaction(values, null).value!,
      interaction(
        values.map((v) => -v),
        null,
      ).value!,
    ];
    expect(other.difference).toBeCloseTo(-one.difference, 12);
    expect(other.p).toBeCloseTo(one.p, 9);
    expect(other.interval[0]).toBeCloseTo(-one.interval[1], 6);
    expect(one.interval[0]).toBeGreaterThan(0);
    expect(one.p).toBeLessThan(0.05);
  });

  it("agrees with its interval: zero is outside where p is below α", () => {
    for (let seed = 0; seed < 12; seed++) {
      const { p, interval } = interaction(drawn(80, [0.8, 0.5, 0.7, 0.6], seed), null).value!;
      expect(interval[0] > 0 || interval[1] < 0, `seed ${seed}`).toBe(p < 0.05);
    }
  });

  it("of the same examples twice, as clusters of two, is no more certain than of one of each", () => {
    const values = drawn(100, [0.9, 0.4, 0.8, 0.6], 4);
    const twice = [...values, ...values];
    const clusters = [...values, ...values].map((_, i) => String(i % values.length));
    const [one, two] = [interaction(values, null).value!, interaction(twice, clusters).value!];
    expect(two.independent).toBe(100);
    expect(two.p).toBeCloseTo(one.p, 6);
    expect(interaction(twice, null).value!.p).toBeLessThan(one.p);
  });

  it("is not computed of one value, and errs rarely where there are main effects only (small simulation)", () => {
    expect(interaction([1], null).reason).toMatch(/1 independent examples/);
    let wrong = 0;
    for (let seed = 0; seed < 150; seed++)
      if (interaction(drawn(60, [0.9, 0.6, 0.6, 0.3], seed), null).value!.p < 0.05) wrong++;
    expect(wrong).toBeLessThanOrEqual(13);
  }, 60_000);

  it("has the power that is said, within a few points", () => {
    const rates = [0.9, 0.3, 0.8, 0.45] as const;
    let shown = 0;
    for (let seed = 0; seed < 100; seed++)
      if (interaction(drawn(150, rates, seed, 0), null).value!.p < 0.05) shown++;
    const deviation = Math.sqrt(rates.reduce((sum, p) => sum + p * (1 - p), 0));
    expect(Math.abs(shown / 100 - interactionPower(150, { difference: 0.25, deviation }))).toBeLessThan(0.15);
  }, 60_000);
});
