import { describe, expect, test } from "vitest";
import { dummies, type Plant, plant } from "../../../test/support/planted.ts";
import { mcnemar } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import type { AuditResult, Comparison } from "../record/schema.ts";
import { summarize } from "./summary.ts";
import { contentDummies, judge, verdictLabel } from "./verdict.ts";

const audit = (given: Plant): AuditResult => summarize(plant(given), null, { split: "eval" });

describe("planted truths get their verdict", () => {
  for (const n of [60, 300, 1000]) {
    test(`load-bearing, n = ${n}`, () => {
      const rates = { own: 0.85, oracle: 0.95, ...dummies(0.3), skip: 0.25 };
      const { verdict, verdictReason } = audit({ n, seed: n, rates, shared: 0.5 });
      expect(verdict).toBe("load-bearing");
      expect(verdictReason).toMatch(/own − [a-z-]+ \+\d+\.\d points \[\d/);
    });
  }
  for (const n of [600, 1000])
    test(`starved, n = ${n}`, () => {
      const rates = { own: 0.25, oracle: 0.9, ...dummies(0.25) };
      const { verdict, verdictReason, gap } = audit({ n, seed: n, rates, shared: 0.8 });
      expect(verdict).toBe("starved");
      expect(verdictReason).toMatch(
        /they close −?\d.* of the way from .* to the oracle \(at most 10\.0 %, p = /,
      );
      expect(gap!.p).toBeLessThan(0.05);
      expect(gap!.interval[0]).toBeLessThan(gap!.closed);
    });
  test("latents that lift a model part of the way are not starved, whether or not that is shown", () => {
    for (const [n, own] of [
      [50, 0.45],
      [100, 0.45],
      [300, 0.35],
      [1000, 0.35],
    ] as const)
      for (let seed = 0; seed < 3; seed++) {
        const found = audit({ n, seed, rates: { own, oracle: 0.95, ...dummies(0.25) }, shared: 0.5 });
        expect(["load-bearing", "inconclusive"], `n = ${n}, own ${own}`).toContain(found.verdict);
        if (found.verdict === "load-bearing") {
          expect(found.verdictReason).toMatch(/they close \d+\.\d % \[.*\] of the way/);
          expect(found.gap!.closed).toBeGreaterThan(0);
        } else
          expect(found.verdictReason).toMatch(
            /the model can use good latents.*whether it makes them is undecided/,
          );
      }
  });
  test("with a larger share that is called next to nothing, less is needed", () => {
    const given = { n: 150, seed: 3, rates: { own: 0.27, oracle: 0.95, ...dummies(0.25) }, shared: 0.5 };
    const of = (starvedShare: number) =>
      summarize(plant(given), null, { split: "eval", starvedShare }).verdict;
    expect([of(0.1), of(0.4)]).toEqual(["inconclusive", "starved"]);
  });
  for (const n of [1000, 4000])
    test(`bypassed, n = ${n}`, () => {
      const rates = { own: 0.9, oracle: 0.9, ...dummies(0.9) };
      const { verdict, verdictReason, further } = audit({ n, seed: n, rates, shared: 0.98 });
      expect(verdict).toBe("bypassed");
      expect(verdictReason).toMatch(/and the oracle is equivalent to own latents within ±2.0 points/);
      expect(further).toBeUndefined();
    });
  test("equal answers throughout are not yet a bypass at n = 60: it needs more examples, and says how many", () => {
    const rates = { own: 0.9, oracle: 0.9, ...dummies(0.9) };
    const small = audit({ n: 60, seed: 1, rates, shared: 1 });
    expect(small.verdict).toBe("inconclusive");
    expect(small.verdictReason).toMatch(
      /fresh examples, without these, would decide it at 80 % power: \d+ for bypassed, if accuracies are equal/,
    );
    expect(audit({ n: small.further!, seed: 2, rates, shared: 1 }).verdict).toBe("bypassed");
  });
  test("so many fresh examples decide it in 80 % of audits or a little more (the bound is safe)", () => {
    // 150 examples, of which every dummy loses 24 and wins 15.
    const row = (intervention: string): Comparison => ({
      intervention,
      reference: "own",
      ...{ difference: -9 / 150, interval: [-0.14, 0.02], mcnemarP: 0.2, holmP: 1, equivalent: false },
      ...{ equivalenceP: 0.9, margin: 0.02, n: 150, rightToWrong: 24, wrongToRight: 15 },
    });
    const { further, reason } = judge(contentDummies.map(row), { n: 150, opened: 150 });
    expect(reason).toMatch(/at 80 % power: [\d,]+ for load-bearing/);
    const source = random(7, "further");
    const n = further!;
    let decided = 0;
    for (let run = 0; run < 300; run++) {
      const lost = contentDummies.map(() => 0);
      const won = contentDummies.map(() => 0);
      for (let i = 0; i < n; i++) {
        const own = source.uniform() < 0.6;
        contentDummies.forEach((_, d) => {
          const flips = source.uniform() < (own ? 24.5 / 151 / 0.6 : 15.5 / 151 / 0.4);
          if (flips) (own ? lost : won)[d]!++;
        });
      }
      if (lost.every((count, d) => count > won[d]! && mcnemar(count, won[d]!).p < 0.05)) decided++;
    }
    expect(decided / 300).toBeGreaterThan(0.76);
    expect(decided / 300).toBeLessThan(0.95);
  });
  test("without oracle: load-bearing and bypassed are still possible", () => {
    expect(audit({ n: 300, seed: 1, rates: { own: 0.8, ...dummies(0.3) }, shared: 0.5 }).verdict).toBe(
      "load-bearing",
    );
    const { verdict, verdictReason } = audit({
      n: 1000,
      seed: 1,
      rates: { own: 0.8, ...dummies(0.8) },
      shared: 1,
    });
    expect(verdict).toBe("bypassed");
    expect(verdictReason).not.toContain("oracle");
  });
  test("one dummy as good as own is enough against load-bearing", () => {
    const rates = { own: 0.8, oracle: 0.8, ...dummies(0.3), mean: 0.8 };
    expect(audit({ n: 500, seed: 5, rates, shared: 1 }).verdict).toBe("inconclusive");
  });
  test("a dummy that is better than own leaves nothing to decide", () => {
    const rates = { own: 0.6, oracle: 0.6, ...dummies(0.6), zeros: 0.8 };
    const { verdict, further, verdictReason } = audit({ n: 500, seed: 6, rates, shared: 1 });
    expect([verdict, further]).toEqual(["inconclusive", null]);
    expect(verdictReason).toContain("no number of further examples");
  });
});

describe("what must not be claimed", () => {
  test("no latent block: nothing was replaced, so equality means nothing", () => {
    const { verdict, verdictReason, further } = audit({
      n: 500,
      seed: 1,
      rates: { own: 0.9, ...dummies(0.9) },
      shared: 1,
      opened: 0,
    });
    expect([verdict, further]).toEqual(["no-latents", undefined]);
    expect(verdictReason).toContain("in none of 500 examples");
  });
  test("examples without a block do not feign equivalence", () => {
    // With a block the dummies lose ten points; over all examples that is one point, inside the margin.
    const given = { n: 3000, seed: 2, rates: { own: 0.9, ...dummies(0.8) }, shared: 1, opened: 0.1 };
    const { verdict, verdictReason, comparisons } = audit(given);
    expect(comparisons.every(({ equivalent }) => equivalent)).toBe(true);
    expect(verdict).toBe("load-bearing");
    expect(verdictReason).toMatch(/on the \d+ of 3,000 examples with a latent block/);
  });
  test("a missing dummy", () => {
    const { zeros: _, ...rest } = dummies(0.3);
    expect(audit({ n: 300, seed: 1, rates: { own: 0.9, ...rest }, shared: 0.5 }).verdictReason).toMatch(
      /missing .*: zeros/,
    );
  });
  test('"no effect" and its like are said of no verdict but an equivalence', () => {
    const plants: Plant[] = [
      { n: 60, seed: 1, rates: { own: 0.5, oracle: 0.5, ...dummies(0.5) }, shared: 0.5 },
      { n: 300, seed: 1, rates: { own: 0.9, oracle: 0.9, ...dummies(0.3) }, shared: 0.5 },
      { n: 300, seed: 1, rates: { own: 0.3, oracle: 0.9, ...dummies(0.3) }, shared: 0.5 },
    ];
    for (const given of plants) {
      const { verdict, verdictReason } = audit(given);
      expect(verdict).not.toBe("bypassed");
      expect(verdictReason).not.toMatch(
        /no effect|unaffected|unchanged|no difference|is equivalent|are the same/,
      );
    }
  });
});

describe("guards", () => {
  /** Takes the choice away in a share of the answers under some names. */
  const mute = (given: Plant, names: readonly string[], share: number) =>
    plant(given).map((example, i) => {
      const outcomes = { ...example.outcomes };
      for (const name of names)
        if (i < share * given.n) outcomes[name] = { ...outcomes[name]!, choice: null, text: "?" };
      return { ...example, outcomes };
    });
  const judged = (outcomes: ReturnType<typeof plant>) => summarize(outcomes, null, { split: "eval" });
  const names = ["own", "oracle", ...contentDummies];
  const worlds = {
    starving: { own: 0.25, oracle: 0.95, ...dummies(0.25) },
    lifted: { own: 0.9, oracle: 0.95, ...dummies(0.25) },
    bypassed: { own: 0.9, oracle: 0.9, ...dummies(0.9) },
  };
  for (const [name, rates] of Object.entries(worlds))
    test(`${name}: without readable answers nothing but inconclusive`, () => {
      for (const [share, muted] of [
        [1, names],
        [1, ["own"]],
        [0.3, ["own"]],
        [0.3, names],
      ] as const) {
        const found = judged(mute({ n: 600, seed: 1, rates, shared: 0.98 }, muted, share));
        expect([found.verdict, found.further]).toEqual(["inconclusive", null]);
        expect(found.verdictReason).toMatch(/^of the answers under own latents only \d+\.\d % can be read/);
      }
    });
  test("an oracle without readable answers takes no part: load-bearing can be shown, nothing else", () => {
    const of = (rates: Record<string, number>) =>
      judged(mute({ n: 600, seed: 1, rates, shared: 0.98 }, ["oracle"], 1));
    expect(Object.values(worlds).map((rates) => of(rates).verdict)).toEqual([
      "inconclusive",
      "load-bearing",
      "inconclusive",
    ]);
    expect(of(worlds.bypassed).verdictReason).toContain("under oracle latents only 0.0 % can be read");
  });
  test("an oracle that is not above chance informs of nothing", () => {
    // As a model that answers little: own 0, oracle 15 %, where chance is 25 %.
    const rates = { own: 0.02, oracle: 0.15, ...dummies(0.02) };
    const found = judged(plant({ n: 600, seed: 1, rates, shared: 0.5 }));
    expect(found.verdict).toBe("inconclusive");
    expect(found.atChance).toBe(true);
    expect(found.verdictReason).toMatch(/not shown to beat chance \(1\d\.\d %, chance 25\.0 %\)/);
  });
  test("a dummy that breaks the answer is left out, and said to be", () => {
    const below = { ...worlds.bypassed, zeros: 0.1 };
    const found = judged(plant({ n: 1000, seed: 1, rates: below, shared: 0.98 }));
    expect(found.verdict).toBe("bypassed");
    expect(Object.keys(found.broken!)).toEqual(["zeros"]);
    expect(found.verdictReason).toMatch(
      /zeros breaks the answer and is left out: .* less often than by guessing/,
    );
    expect(found.readable).toContain("Left out, because they break the answer");
    const silent = judged(mute({ n: 1000, seed: 1, rates: worlds.bypassed, shared: 0.98 }, ["noise"], 0.4));
    expect([silent.verdict, Object.keys(silent.broken!)]).toEqual(["bypassed", ["noise"]]);
    expect(silent.verdictReason).toMatch(/noise leaves 60\.0 % of the answers readable, own 100\.0 %/);
    // Latents that are made of own ones and mislead are content at work.
    const misled = judged(
      plant({ n: 1000, seed: 1, rates: { ...worlds.lifted, "other-own": 0.05 }, shared: 0.98 }),
    );
    expect([misled.verdict, misled.broken]).toEqual(["load-bearing", undefined]);
  });
  test("where every dummy made of own latents breaks the answer, nothing is concluded", () => {
    const given = { n: 600, seed: 1, rates: worlds.bypassed, shared: 0.98 };
    const found = judged(mute(given, ["noise-matched", "mean", "other-own"], 0.5));
    expect(found.verdict).toBe("inconclusive");
    expect(found.verdictReason).toContain("lost content cannot be told from broken output");
  });
  test("a verdict at chance says so", () => {
    const rates = { own: 0.25, oracle: 0.25, ...dummies(0.25) };
    const found = judged(plant({ n: 1500, seed: 2, rates, shared: 1 }));
    expect(verdictLabel({ ...found, chance: 0.25, interventions: { own: { interval: [0.1, 0.24] } } })).toBe(
      `${found.verdict}, below chance`,
    );
    expect(verdictLabel({ ...found, chance: 0.25, interventions: { own: { interval: [0.1, 0.25] } } })).toBe(
      `${found.verdict}, at chance`,
    );
    expect([found.verdict, found.atChance, verdictLabel(found)]).toEqual([
      "bypassed",
      true,
      "bypassed, at chance",
    ]);
    expect(found.verdictReason).toContain("not shown to beat chance (25.0 %)");
    const told = plant({ n: 1500, seed: 2, rates, shared: 1 }).map((each) => ({ ...each, chance: 1 / 3 }));
    expect(judged(told).verdictReason).toContain("not shown to beat a reader of the options alone (33.3 %)");
    expect(found.readable).toContain("Verdict: bypassed, at chance.");
  });
});
