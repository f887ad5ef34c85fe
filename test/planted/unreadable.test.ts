/** A model whose answers cannot be read gets nothing but "inconclusive": of verdicts, suites and findings (property test). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ExampleOutcomes, suiteNames, summarize } from "../../src/audit/index.ts";
import { evidenceOf } from "../../src/audit/suites/evidence.ts";
import { suiteOf } from "../../src/audit/suites/index.ts";
import { findings } from "../../src/study/index.ts";
import { random } from "../../src/util/index.ts";
import { dummies, plant } from "../support/planted.ts";

const others = ["oracle", ...Object.keys(dummies(0)), "skip", "no-markers", "counterfactual"];

/** Outcomes of which the given shares cannot be read. */
function muted(examples: ExampleOutcomes[], shares: Record<string, number>, seed: number): ExampleOutcomes[] {
  const r = random(seed, "muted");
  return examples.map((example) => ({
    ...example,
    outcomes: Object.fromEntries(
      Object.entries(example.outcomes).map(([name, outcome]) => [
        name,
        r.uniform() < (shares[name] ?? 0) ? { ...outcome, choice: null, text: "?" } : outcome,
      ]),
    ),
  }));
}

const rate = fc.double({ min: 0, max: 1, noNaN: true });
const rates = fc.record(Object.fromEntries(["own", ...others].map((name) => [name, rate])));

const world = fc.record({
  n: fc.integer({ min: 60, max: 250 }),
  seed: fc.nat(1000),
  rates,
  shared: rate,
  opened: fc.constantFrom(1, 0.6),
  lost: fc.double({ min: 0.3, max: 1, noNaN: true }),
  shares: rates,
  grouped: fc.boolean(),
});

test("verdicts and suites of a model whose own answers cannot be read", () => {
  fc.assert(
    fc.property(world, ({ lost, shares, grouped, ...given }) => {
      const planted = muted(plant(given), { ...shares, own: lost }, given.seed);
      const opened = planted.filter(({ outcomes }) => outcomes.own!.blocks > 0);
      fc.pre(opened.length > 0);
      const read = opened.filter(({ outcomes }) => outcomes.own!.choice !== null).length;
      fc.pre(read < 0.8 * opened.length);
      const outcomes = grouped ? planted.map((each, i) => ({ ...each, images: `image ${i % 30}` })) : planted;
      const summary = summarize(outcomes, null, { split: "eval" });
      expect(summary.verdict).toBe("inconclusive");
      expect(summary.verdictReason).toMatch(/can be read .*: nothing can be said of what they rest on/);
      expect(evidenceOf(outcomes, summary, () => undefined).unreadable).toMatch(/can be read/);
    }),
    { numRuns: 20, seed: 1 },
  );
}, 240_000);

test("findings on such a model are undecided or not run", () => {
  fc.assert(
    fc.property(world, ({ lost, shares, grouped: _, ...given }) => {
      const of = (split: string, seed: number) =>
        summarize(
          muted(plant({ ...given, seed, opened: 1 }), { ...shares, own: lost, oracle: lost }, seed),
          null,
          {
            split,
          },
        );
      const training = { parameters: 1, steps: 1, examples: 1, seconds: 1, examplesPerSecond: 1 };
      const cells = [
        ["crop", "joint", ["eval", "masked"]],
        ["crop-masked", "joint", ["eval"]],
        ["tetris", "joint", ["eval"]],
        ["tetris", "text", ["eval"]],
      ].map(([task, recipe, splits], i) => ({
        ...{ id: `${task}/${recipe}/0`, task: task as string, recipe: recipe as string, seed: 0, training },
        audits: (splits as string[]).map((split, j) => of(split, given.seed + 10 * i + j)),
      }));
      fc.pre(cells.every(({ audits }) => audits.every((a) => a.interventions.own!.answered! < 0.8)));
      for (const { id, state } of findings(cells))
        if (id !== "F6") expect(["undecided", "not run"], id).toContain(state);
    }),
    { numRuns: 5, seed: 2 },
  );
}, 240_000);

test("a gain over a condition that makes answers unreadable is no gain, in any suite", () => {
  // Everything but own latents breaks the output: accuracy falls from 90 % to 9 % wherever anything is replaced.
  const names = new Set(suiteNames.flatMap((name) => suiteOf(name).interventions));
  const all = Object.fromEntries([...names].map((name) => [name, 0.9]));
  const shares = Object.fromEntries([...names].map((name) => [name, name === "own" ? 0 : 0.9]));
  const outcomes = muted(plant({ n: 200, seed: 3, rates: all, shared: 1 }), shares, 3);
  const summary = summarize(outcomes, null, { split: "eval" });
  const evidence = evidenceOf(outcomes, summary, () => undefined);
  expect(summary.verdict).toBe("inconclusive");
  for (const name of names) {
    if (name === "own") continue;
    expect(evidence.beats("own", name).state, name).toBe("undecided");
    expect(evidence.beats(name, "own").state, name).toBe("undecided");
    expect(evidence.alike(name, "own").state, name).toBe("undecided");
    expect(evidence.changes(name).state, name).toBe("undecided");
  }
  for (const name of suiteNames)
    expect(suiteOf(name).conclude(evidence).conclusion, name).toBe("inconclusive");
  expect(evidence.beats("own", "zeros").text).toMatch(
    /, but zeros leaves \d+\.\d % of the answers readable, own 100\.0 %/,
  );
}, 240_000);
