import { describe, expect, test } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { LintelError, random } from "../../util/index.ts";
import type { Latents } from "../record/latents-file.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { auditSchema } from "../record/schema.ts";
import { geometry } from "./geometry.ts";
import { summarize } from "./summary.ts";

const outcome = (choice: number | null, more: Partial<Outcome> = {}): Outcome => ({
  text: choice === null ? "???" : "abcd"[choice]!,
  choice,
  optionLogProbabilities: null,
  blocks: 1,
  steps: 1,
  endings: ["count"],
  ...more,
});

function example(id: string, answer: number, outcomes: Record<string, Outcome>): ExampleOutcomes {
  return { example: id, answer, options: ["a", "b", "c", "d"], outcomes };
}

function latentsOf(n: number, slots: number, width: number): Latents {
  const source = random(2, "latents");
  const draw = (): Float32Array => Float32Array.from({ length: n * slots * width }, () => source.normal());
  return {
    examples: Array.from({ length: n }, (_, i) => String(i).padStart(6, "0")),
    slots,
    width,
    own: draw(),
    oracle: draw(),
    hasOwn: new Uint8Array(n).fill(1),
    hasOracle: new Uint8Array(n).fill(1),
  };
}

/** Everything with its rows in another order. */
function reordered(latents: Latents, order: number[]): Latents {
  const block = latents.slots * latents.width;
  const move = (values: Float32Array): Float32Array => {
    const out = new Float32Array(values.length);
    order.forEach((row, at) => {
      out.set(values.subarray(row * block, (row + 1) * block), at * block);
    });
    return out;
  };
  return {
    ...latents,
    examples: order.map((row) => latents.examples[row]!),
    own: move(latents.own),
    oracle: move(latents.oracle),
    hasOwn: order.map((row) => latents.hasOwn[row]!),
    hasOracle: order.map((row) => latents.hasOracle[row]!),
  };
}

describe("summary of an audit", () => {
  test("counts, by hand", () => {
    const outcomes = [
      example("1", 0, { own: outcome(0), zeros: outcome(1), oracle: outcome(0) }),
      example("2", 1, { own: outcome(1), zeros: outcome(null), oracle: outcome(1) }),
      example("3", 2, { own: outcome(0, { blocks: 0, endings: [] }), zeros: outcome(2) }),
      example("4", 3, { own: outcome(3), zeros: outcome(3), oracle: outcome(0) }),
    ];
    const result = summarize(outcomes, null, { split: "eval", task: "crop", directory: "audits/x" });
    expect(result).toMatchObject({ split: "eval", task: "crop", directory: "audits/x", n: 4, chance: 0.25 });
    expect(result.balance).toEqual({ counts: [1, 1, 1, 1], p: 1, repeats: { share: 0, expected: 0 } });
    expect(result.interventions.own).toMatchObject({ accuracy: 0.75, answered: 1, latentRate: 0.75, n: 4 });
    // An answer that could not be read is wrong.
    expect(result.interventions.zeros).toMatchObject({ accuracy: 0.5, answered: 0.75, n: 4 });
    expect(result.interventions.oracle).toMatchObject({ accuracy: 2 / 3, n: 3 });
    const [oracle, zeros] = result.comparisons;
    expect(oracle).toMatchObject({
      intervention: "oracle",
      reference: "own",
      n: 3,
      rightToWrong: 1,
      wrongToRight: 0,
    });
    expect(zeros).toMatchObject({
      ...{ intervention: "zeros", reference: "own", n: 4, difference: -0.25, margin: 0.02 },
      ...{ rightToWrong: 2, wrongToRight: 1, mcnemarP: 1, equivalent: false, agreement: 0.25 },
    });
    expect(result.comparisons.map(({ intervention, reference }) => `${intervention}/${reference}`)).toEqual([
      "oracle/own",
      "zeros/own",
      "own/oracle",
      "zeros/oracle",
    ]);
    expect(zeros!.reasons).toMatchObject({ kl: "no pair of option distributions" });
    expect(Object.keys(result.interventions)).toEqual(["own", "oracle", "zeros"]);
  });

  test("Holm runs over the comparisons with one reference", () => {
    const rates = { own: 0.9, oracle: 0.9, zeros: 0.4, noise: 0.7, skip: 0.89 };
    const { comparisons } = summarize(plant({ n: 200, seed: 1, rates, shared: 1 }), null, { split: "eval" });
    const family = comparisons.filter(({ reference }) => reference === "own");
    expect(family).toHaveLength(4);
    const least = family.reduce((a, b) => (a.mcnemarP! < b.mcnemarP! ? a : b));
    expect(least.intervention).toBe("zeros");
    expect(least.holmP).toBeCloseTo(4 * least.mcnemarP!, 20);
  });

  test("option distributions move with the answers", () => {
    const rates = { own: 0.9, zeros: 0.3, mean: 0.9 };
    const { comparisons } = summarize(plant({ n: 100, seed: 1, rates, shared: 1 }), null, { split: "eval" });
    const of = (name: string) => comparisons.find(({ intervention }) => intervention === name)!;
    expect(of("zeros").totalVariation).toBeCloseTo(0.6 * (1 - of("zeros").agreement!), 12);
    expect(of("zeros").kl).toBeCloseTo(0.6 * Math.log(7) * (1 - of("zeros").agreement!), 12);
    expect(of("mean")).toMatchObject({ kl: 0, totalVariation: 0, agreement: 1, difference: 0 });
    expect(of("mean").interval![1]).toBeGreaterThan(0);
  });

  test("counterfactual following is held against what a reader of the options alone gets", () => {
    const rows = plant({ n: 60, seed: 0, rates: { own: 0.5 }, shared: 0.5 }).map((row, i) => ({
      ...row,
      chance: 1 / 3,
      outcomes: {
        ...row.outcomes,
        counterfactual: { ...row.outcomes.own!, choice: i % 3 === 0 ? 2 : 0, target: 2 },
      },
    }));
    const { following, followingP, followingChance } = summarize(rows, null, { split: "eval" }).interventions
      .counterfactual!;
    expect([following, followingChance]).toEqual([1 / 3, expect.closeTo(1 / 3, 12)]);
    expect(followingP).toBeGreaterThan(0.5);
  });

  test("counterfactual following has an interval and an exact test", () => {
    const outcomes = Array.from({ length: 40 }, (_, i) =>
      example(String(i), 0, {
        own: outcome(0),
        ...(i < 30 ? { counterfactual: outcome(i < 24 ? 2 : 0, { target: 2 }) } : {}),
      }),
    );
    const { interventions } = summarize(outcomes, null, { split: "eval" });
    expect(interventions.counterfactual).toMatchObject({ following: 0.8, n: 30 });
    expect(interventions.counterfactual!.followingInterval![0]).toBeGreaterThan(0.6);
    expect(interventions.counterfactual!.followingP).toBeLessThan(1e-8);
    expect(interventions.own!.following).toBeUndefined();
  });

  test("the order of rows changes nothing, to the last bit", () => {
    const outcomes = plant({
      n: 90,
      seed: 4,
      rates: { own: 0.6, oracle: 0.9, ...dummies(0.4) },
      shared: 0.5,
    });
    const latents = latentsOf(90, 2, 7);
    const order = random(5, "order").shuffled(Array.from({ length: 90 }, (_, i) => i));
    const first = summarize(outcomes, latents, { split: "eval", gallery: 40 });
    const second = summarize(
      order.map((row) => outcomes[row]!),
      reordered(latents, order),
      { split: "eval", gallery: 40 },
    );
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(auditSchema.parse(first)).toEqual(first);
  });

  test("one example: no interval, no test, no claim, and a reason for each", () => {
    const result = summarize([example("1", 0, { own: outcome(0), zeros: outcome(0) })], null, {
      split: "eval",
    });
    expect(result.interventions.own).toMatchObject({ accuracy: 1, interval: null });
    expect(result.interventions.own!.reasons!.interval).toContain("1 example");
    expect(result.comparisons[0]).toMatchObject({
      ...{ difference: null, interval: null, mcnemarP: null, holmP: null, equivalent: null, agreement: null },
    });
    for (const key of ["difference", "interval", "mcnemarP", "holmP", "equivalent"])
      expect(result.comparisons[0]!.reasons![key]).toContain("1 pair");
    expect(result.verdict).toBe("inconclusive");
    expect(auditSchema.parse(result)).toEqual(result);
  });

  test("impossible outcomes are refused", () => {
    const fine = example("1", 0, { own: outcome(0) });
    const options = { split: "eval" };
    expect(() => summarize([], null, options)).toThrow(/at least one example/);
    expect(() => summarize([fine, fine], null, options)).toThrow(/one line, got two/);
    expect(() => summarize([example("1", 4, {})], null, options)).toThrow(LintelError);
    expect(() => summarize([example("1", 0, { own: outcome(7) })], null, options)).toThrow(/choice 7/);
    expect(() => summarize([example("1", 0, { own: outcome(0, { target: 9 }) })], null, options)).toThrow(
      /target 9/,
    );
  });
});

describe("geometry of an audit", () => {
  test("slot by slot and of the mean over slots; only rows that are there count", () => {
    const latents = latentsOf(30, 3, 8);
    const flags = new Uint8Array(30).fill(1);
    flags[4] = 0;
    const missing = { ...latents, hasOwn: flags };
    missing.own.fill(Number.NaN, 4 * 24, 5 * 24);
    const result = geometry(missing);
    expect(result.own.n).toBe(29);
    expect(result.oracle.n).toBe(30);
    expect(result.ownOracle).toMatchObject({ n: 29, gallery: 29, queries: 29 });
    expect(result.slots).toHaveLength(3);
    for (const slot of [result, ...result.slots!])
      for (const value of [
        slot.own.pairwiseCosine,
        slot.own.effectiveRank,
        slot.ownOracle.r1,
        slot.ownOracle.cka,
      ])
        expect(value).not.toBeNull();
    expect(result.slots![0]!.own.pairwiseCosine).not.toBe(result.own.pairwiseCosine);
  });
  test("a block that is not finite is counted, not averaged away", () => {
    const latents = latentsOf(10, 1, 4);
    latents.own[5] = Number.NaN;
    const { own, oracle, ownOracle } = geometry(latents);
    expect(own.pairwiseCosine).toBeNull();
    expect(own.reasons!.pairwiseCosine).toBe("1 of 10 vectors is not finite");
    expect(ownOracle.reasons!.r1).toBe("1 of 10 vectors is not finite");
    expect(oracle.pairwiseCosine).not.toBeNull();
  });
  test("no latents, no oracles, one block: null with reasons", () => {
    const none = geometry(null);
    expect(none.own.reasons!.pairwiseCosine).toBe("no example has a latent block");
    expect(none.oracle.reasons!.effectiveRank).toBe("no example has an oracle");
    expect(none.ownOracle).toMatchObject({ cosine: null, r1: null, usp: null, gallery: 0 });
    expect(none.ownOracle.reasons!.usp).toContain("no example has both");
    const latents = latentsOf(10, 1, 4);
    const alone = geometry({
      ...latents,
      hasOwn: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      hasOracle: new Uint8Array(10),
    });
    expect(alone.own.reasons!.pairwiseCosine).toContain("1 vector");
    expect(alone.oracle.n).toBe(0);
  });
  test("arrays that do not fit, or an example twice, are refused", () => {
    const latents = latentsOf(3, 1, 4);
    expect(() => geometry({ ...latents, width: 5 })).toThrow(LintelError);
    expect(() => geometry({ ...latents, examples: ["1", "1", "2"] })).toThrow(/every example once/);
  });
});
