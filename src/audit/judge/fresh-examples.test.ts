import { expect, test } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { balanceOf, optionsOnlyOf } from "./chance.ts";
import { compareAll } from "./comparison.ts";
import { levelOf } from "./fresh-examples.ts";
import { summarize } from "./summary.ts";

test("a further look at the same examples has a level of its own, and says so", () => {
  expect([1, 2, 3].map((look) => levelOf(look))).toEqual([0.05, 0.005, 0.0025]);
  // p about 0.04 against zeros: shown at the first look, not at the second.
  const given = { own: 0.6, ...dummies(0), zeros: 0.5 };
  const outcomes = plant({ n: 200, seed: 0, rates: given, shared: 0.5 });
  const first = summarize(outcomes, null, { split: "eval" });
  const p = first.comparisons.find(({ intervention }) => intervention === "zeros")!.mcnemarP!;
  expect(p).toBeGreaterThan(0.005);
  expect(p).toBeLessThan(0.05);
  expect([first.verdict, first.look]).toEqual(["load-bearing", undefined]);
  const second = summarize(outcomes, null, { split: "eval", look: 2 });
  expect(second).toMatchObject({ verdict: "inconclusive", look: 2, level: 0.005 });
  expect(second.verdictReason).toContain("look 2 at these examples, so each test has the level 0.005");
  expect(second.comparisons).toEqual(first.comparisons);
});

test("what is equal by construction is no part of Holm's family", () => {
  const outcomes = plant({ n: 200, seed: 1, rates: { own: 0.6, zeros: 0.5, skip: 0.45 }, shared: 0.9 });
  const options = { margin: 0.02, alpha: 0.05 };
  const alone = compareAll(outcomes, ["own", "zeros", "skip"], options);
  const more = outcomes.map((each) => ({
    ...each,
    outcomes: { ...each.outcomes, shuffle: { ...each.outcomes.own!, same: ["own" as const] } },
  }));
  const family = compareAll(more, ["own", "zeros", "skip", "shuffle"], options);
  expect(family.slice(0, 2)).toEqual(alone);
  expect(family[2]).toMatchObject({ identical: true, difference: 0, mcnemarP: null, holmP: null });
  expect(family[2]!.reasons!.holmP).toContain("identical by construction");
  // One example in which the slots differ, and it is a comparison like any other.
  const { same: _, ...other } = more[0]!.outcomes.shuffle;
  const most = [{ ...more[0]!, outcomes: { ...more[0]!.outcomes, shuffle: other } }, ...more.slice(1)];
  expect(compareAll(most, ["own", "shuffle"], options)[0]).toMatchObject({ mcnemarP: 1, holmP: 1 });
});

test("the best reader of the options alone: what they give away, or a position that is right more often", () => {
  const options = ["a", "b", "c", "d"];
  const of = (answers: number[], chance?: number) => {
    const examples = answers.map((answer) => ({ answer, options, ...(chance && { chance }) }));
    return { ...optionsOnlyOf(examples, balanceOf(examples)), ...balanceOf(examples).repeats };
  };
  const even = Array.from({ length: 200 }, (_, i) => i % 4);
  expect(of(even)).toMatchObject({ rate: 0.25, reader: "any option", share: 0 });
  expect(of(even).expected).toBeCloseTo(0.246, 3);
  expect(of(even, 1 / 3).rate).toBeCloseTo(1 / 3, 12);
  const skewed = even.map((answer, i) => (i % 3 === 0 ? 2 : answer));
  expect(of(skewed)).toMatchObject({ rate: 0.5, reader: "always position 3" });
});
