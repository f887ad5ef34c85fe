import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
import { random } from "../util/index.ts";
import { equivalence } from "./equivalence.ts";
import { mcnemar } from "./mcnemar.ts";
import {
  equivalencePower,
  examplesNeeded,
  mcnemarPower,
  observedDiscordance,
  pairsForEquivalence,
  pairsForMcnemar,
} from "./power.ts";

describe("power", () => {
  test("agrees with the normal formulas in SciPy to 1e-10", () => {
    for (const row of golden.power) {
      const discordance = { first: row.p10, second: row.p01 };
      if (row.tost !== undefined)
        agrees(equivalencePower(row.n, discordance, row.margin), row.tost, `TOST power at ${row.n}`);
      if (row.mcnemar !== undefined)
        agrees(mcnemarPower(row.n, discordance), row.mcnemar, `McNemar power at ${row.n}`);
    }
  });
  test("two points, 5 % discordant pairs and power 0.9 need 1,353 examples", () => {
    expect(pairsForEquivalence({ first: 0.025, second: 0.025 }, 0.02, 0.9)).toBe(1353);
  });
  test("what cannot be shown by any number of examples is null", () => {
    expect(pairsForMcnemar({ first: 0.05, second: 0.05 })).toBeNull();
    expect(pairsForEquivalence({ first: 0.1, second: 0.05 })).toBeNull();
    expect(mcnemarPower(100, { first: 0, second: 0 })).toBe(0);
    expect(mcnemarPower(100, { first: 1, second: 0 })).toBe(1);
  });
  test("several tests together need at least as many as the hardest", () => {
    const easy = (n: number): number => mcnemarPower(n, { first: 0.2, second: 0.05 });
    const hard = (n: number): number => mcnemarPower(n, { first: 0.06, second: 0.03 });
    const both = examplesNeeded([easy, hard])!;
    expect(both).toBe(examplesNeeded([hard]));
    expect(examplesNeeded([hard, hard])!).toBeGreaterThan(both);
    expect(observedDiscordance(0, 0, 99)).toEqual({ first: 0.005, second: 0.005 });
  });
  test("the promised power is there: simulated with the exact tests themselves", () => {
    const source = random(11, "power");
    const hit = (
      n: number,
      first: number,
      second: number,
      decide: (b: number, c: number) => boolean,
    ): number => {
      let hits = 0;
      for (let draw = 0; draw < 600; draw++) {
        let b = 0;
        let c = 0;
        for (let i = 0; i < n; i++) {
          const u = source.uniform();
          if (u < first) b++;
          else if (u < first + second) c++;
        }
        if (decide(b, c)) hits++;
      }
      return hits / 600;
    };
    const n = pairsForMcnemar({ first: 0.09, second: 0.03 })!;
    expect(Math.abs(hit(n, 0.09, 0.03, (b, c) => b > c && mcnemar(b, c).p < 0.05) - 0.8)).toBeLessThan(0.05);
    const m = pairsForEquivalence({ first: 0.025, second: 0.025 })!;
    const equal = (b: number, c: number): boolean =>
      equivalence({ n11: m - b - c, n10: b, n01: c, n00: 0 }).value!.equivalent;
    expect(Math.abs(hit(m, 0.025, 0.025, equal) - 0.8)).toBeLessThan(0.06);
  });
});
