import { describe, expect, test } from "vitest";
import { agrees, golden } from "../../test/support/statistics-golden.ts";
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
});
