/** The power that the formulas promise, by simulation. */
import { expect, test } from "vitest";
import { random } from "../util/index.ts";
import { equivalence } from "./equivalence.ts";
import { mcnemar } from "./mcnemar.ts";
import { pairsForEquivalence, pairsForMcnemar } from "./power.ts";

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
