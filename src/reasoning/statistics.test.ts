import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitStatistics } from "./statistics.ts";

const z = (...values: number[]) => Float32Array.from(values);

describe("splitStatistics", () => {
  it("takes means and population deviations over those that have latents", () => {
    const own = [z(1, 10), null, z(3, 10), z(8, 10)];
    const { ownMean, ownDeviation, oracleMean } = splitStatistics(own, [z(2, 4), z(4, 8), null, null], 0);
    expect([...ownMean!]).toEqual([4, 10]);
    expect(ownDeviation![0]).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 3), 6);
    expect(ownDeviation![1]).toBe(0);
    expect([...oracleMean!]).toEqual([3, 6]);
  });

  it("has nothing to say without latents", () => {
    expect(splitStatistics([null, null], [null, null], 0)).toMatchObject({
      ownMean: null,
      ownDeviation: null,
      oracleMean: null,
      otherOwn: [null, null],
    });
    expect(splitStatistics([z(1), null], [null, null], 0).otherOwn).toEqual([null, null]);
  });

  it("gives each example another one's latents: each once, none its own, equal for equal seeds", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), fc.nat(1000), (present, seed) => {
        const own = present.map((p) => (p ? z(1) : null));
        const { otherOwn } = splitStatistics(own, [], seed);
        const places = present.flatMap((p, i) => (p ? [i] : []));
        const taken = otherOwn.filter((i) => i !== null);
        expect(otherOwn).toEqual(splitStatistics(own, [], seed).otherOwn);
        expect(otherOwn.map((i) => i !== null)).toEqual(present.map((p) => p && places.length > 1));
        expect([...taken].sort((a, b) => a - b)).toEqual(places.length > 1 ? places : []);
        expect(otherOwn.some((other, i) => other === i)).toBe(false);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("draws own and oracle partners apart, and otherwise for another seed", () => {
    const all = Array.from({ length: 50 }, () => z(1));
    const { otherOwn, otherOracle } = splitStatistics(all, all, 0);
    expect(otherOwn).not.toEqual(otherOracle);
    expect(splitStatistics(all, all, 1).otherOwn).not.toEqual(otherOwn);
  });
});
