/** False verdicts stay rare: seeded simulations of whole audits. */
import { describe, expect, test } from "vitest";
import { dummies, type Plant } from "../../../test/support/planted.ts";
import { verdictOf } from "./verdict.fixture.ts";
import type { Judgment } from "./verdict.ts";

describe("false verdicts stay rare (seeded simulations)", () => {
  const rateOf = (
    runs: number,
    given: Omit<Plant, "seed">,
    wrong: (judgement: Judgment) => boolean,
  ): number => {
    let hits = 0;
    for (let seed = 0; seed < runs; seed++) if (wrong(verdictOf({ ...given, seed }))) hits++;
    return hits / runs;
  };
  const claimed = ({ verdict }: Judgment): boolean => verdict === "load-bearing" || verdict === "starved";
  test("all equal: neither load-bearing nor starved", () => {
    const rates = { own: 0.5, oracle: 0.5, ...dummies(0.5) };
    expect(rateOf(300, { n: 100, rates, shared: 0.7 }, claimed)).toBeLessThanOrEqual(0.05);
  });
  test("the worst case: one dummy equal to own, the others far below", () => {
    const rates = { own: 0.5, oracle: 0.5, ...dummies(0.1), zeros: 0.5 };
    const rate = rateOf(300, { n: 100, rates, shared: 0.7 }, claimed);
    expect(rate).toBeLessThanOrEqual(0.05);
    expect(rate).toBeGreaterThan(0);
  });
  test("one dummy at the margin: not bypassed", () => {
    const rates = { own: 0.5, ...dummies(0.5), zeros: 0.48 };
    const rate = rateOf(100, { n: 1000, rates, shared: 0.99 }, ({ verdict }) => verdict === "bypassed");
    expect(rate).toBeLessThanOrEqual(0.05);
    expect(rate).toBeGreaterThan(0);
  });
  test("own as good as the oracle is not starved, however few examples there are", () => {
    const rates = { own: 0.6, oracle: 0.6, ...dummies(0.45) };
    expect(rateOf(50, { n: 150, rates, shared: 1 }, ({ verdict }) => verdict === "starved")).toBe(0);
  });
});
