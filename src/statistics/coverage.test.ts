/** Do the intervals cover, and do the tests err, as often as they say? Small n by exact enumeration, large by simulation. */
import { describe, expect, test } from "vitest";
import { random } from "../util/index.ts";
import { logBinomialDensity } from "./distributions/beta.ts";
import { equivalence } from "./equivalence.ts";
import { mcnemar } from "./mcnemar.ts";
import { pairedDifference } from "./paired.ts";
import { wilson } from "./wilson.ts";

/** Probability of every (b, c) with more than 1e-12 of it, b and c discordant pairs of n. */
function* trinomial(n: number, first: number, second: number): Generator<[number, number, number]> {
  for (let b = 0; b <= n; b++) {
    const outer = logBinomialDensity(b, n - b, first);
    if (outer < -28) continue;
    for (let c = 0; c <= n - b; c++) {
      const log = outer + logBinomialDensity(c, n - b - c, second / (1 - first));
      if (log > -28) yield [b, c, Math.exp(log)];
    }
  }
}

function tangoCoverage(n: number, first: number, second: number): number {
  let covered = 0;
  for (const [b, c, p] of trinomial(n, first, second)) {
    const [low, high] = pairedDifference({ n11: n - b - c, n10: b, n01: c, n00: 0 }).value!.interval;
    if (low <= first - second && first - second <= high) covered += p;
  }
  return covered;
}

describe("coverage of 95 % intervals", () => {
  test("Wilson covers 93.5–96.8 % of the time (exact; 96.7 % at n = 200, rate 0.05, is the lattice's doing)", () => {
    for (const n of [50, 200, 1000])
      for (const rate of [0.05, 0.5, 0.95]) {
        let covered = 0;
        for (let k = 0; k <= n; k++) {
          const [low, high] = wilson(k, n).value!;
          if (low <= rate && rate <= high) covered += Math.exp(logBinomialDensity(k, n - k, rate));
        }
        expect(covered, `n = ${n}, rate = ${rate}`).toBeGreaterThan(0.935);
        expect(covered, `n = ${n}, rate = ${rate}`).toBeLessThan(0.968);
      }
  });
  test("Tango covers 93.5–96.5 % of the time (exact), also at unequal rates", () => {
    for (const [n, first, second] of [
      [50, 0.2, 0.1],
      [50, 0.25, 0.25],
      [50, 0.6, 0.05],
      [200, 0.05, 0.05],
      [200, 0.1, 0.02],
      [200, 0.3, 0.05],
    ] as const) {
      const covered = tangoCoverage(n, first, second);
      expect(covered, `n = ${n}, ${first} against ${second}`).toBeGreaterThan(0.935);
      expect(covered, `n = ${n}, ${first} against ${second}`).toBeLessThan(0.965);
    }
  });
  test("Tango covers at n = 1,000 (2,000 seeded draws)", () => {
    const source = random(3, "tango-coverage");
    let covered = 0;
    for (let draw = 0; draw < 2000; draw++) {
      let b = 0;
      let c = 0;
      for (let i = 0; i < 1000; i++) {
        const u = source.uniform();
        if (u < 0.06) b++;
        else if (u < 0.1) c++;
      }
      const [low, high] = pairedDifference({ n11: 1000 - b - c, n10: b, n01: c, n00: 0 }).value!.interval;
      if (low <= 0.02 && 0.02 <= high) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.935);
    expect(covered / 2000).toBeLessThan(0.965);
  });
});

describe("false claims (exact)", () => {
  test("McNemar rejects a true null at most 5 % of the time", () => {
    for (const [n, half] of [
      [50, 0.1],
      [200, 0.05],
      [200, 0.25],
    ] as const) {
      let rejected = 0;
      for (const [b, c, p] of trinomial(n, half, half)) if (mcnemar(b, c).p < 0.05) rejected += p;
      expect(rejected).toBeLessThanOrEqual(0.05);
      expect(rejected).toBeGreaterThan(0.005);
    }
  });
  test("equivalence is claimed at most 5 % of the time when the difference equals the margin", () => {
    for (const [n, first, second, margin] of [
      [120, 0.11, 0.01, 0.1],
      [120, 0.2, 0.1, 0.1],
      [150, 0.05, 0, 0.05],
    ] as const) {
      // The p-value rises with the difference of b and c, so that for every c the claims are those of b up to a limit.
      let claimed = 0;
      let limit = 0;
      const equivalent = (b: number, c: number): boolean =>
        equivalence({ n11: n - b - c, n10: b, n01: c, n00: 0 }, margin).value!.equivalent;
      const chances = new Map<number, [number, number][]>();
      for (const [b, c, p] of trinomial(n, first, second))
        if (b >= c) chances.set(c, [...(chances.get(c) ?? []), [b, p]]);
      for (const [c, rows] of [...chances].sort(([a], [b]) => a - b)) {
        limit = Math.max(limit, c - 1);
        while (limit + 1 + c <= n && equivalent(limit + 1, c)) limit++;
        for (const [b, p] of rows) if (b <= limit) claimed += p;
      }
      expect(claimed, `n = ${n}, ${first} against ${second}`).toBeLessThanOrEqual(0.05);
      expect(claimed, `n = ${n}, ${first} against ${second}`).toBeGreaterThan(0.01);
    }
  });
});
