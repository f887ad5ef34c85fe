/**
 * Positive and negative controls of the whole audit: models of which it is known, because a few lines say so, where
 * their answer comes from. Pictures, features, oracles, decoding, statistics and verdict are the real ones.
 */
import { describe, expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { encodePng } from "../../src/formats/index.ts";
import type { Example } from "../../src/tasks/index.ts";
import { random } from "../../src/util/index.ts";
import { type Fed, lastBlock, START, saying, scriptedModel, totalContent } from "../scripted.fixture.ts";

const OPTIONS = ["a", "b", "c", "d"];
const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
] as const;

/** Two visual tokens of one colour; `number` shades the first pixels, so that no two examples share their image. */
const picture = (option: number, number = 0): Uint8Array =>
  encodePng({
    width: 24,
    height: 12,
    pixels: Uint8Array.from({ length: 24 * 12 * 3 }, (_, i) =>
      Math.abs(COLOURS[option]![i % 3]! - (i < 5 ? Math.floor(number / 8 ** i) % 8 : 0)),
    ),
  });
const PICTURES = OPTIONS.map((_, option) => picture(option));

/** Which of the four colours it is. */
const see = (rgb: readonly number[]): number[] =>
  COLOURS.map((colour) => (colour.every((c, i) => c / 255 > 0.5 === rgb[i]! > 0.5) ? 1 : 0));

const largest = (values: Float32Array): number => values.indexOf(Math.max(...values));

/** Balanced answers; the input shows the right colour in a share of `clear` examples, elsewhere any. */
function examples(n: number, clear: number): Example[] {
  const r = random(0, "planted examples");
  return Array.from({ length: n }, (_, i): Example => {
    const answer = i % 4;
    const shown = r.uniform() < clear ? answer : r.integer(4);
    return {
      id: String(i).padStart(5, "0"),
      question: "<image> Which",
      images: [picture(shown, i)],
      options: OPTIONS,
      answer,
      helpers: [PICTURES[answer]!],
      counterfactuals: OPTIONS.map((_, option) => (option === answer ? null : [PICTURES[option]!])),
      attributes: {},
    };
  });
}

/** Opens one block, then answers; `choose` says from which part of what it was fed. */
function planted(choose: (prompt: readonly Fed[], block: readonly Fed[]) => Float32Array) {
  return scriptedModel({
    k: 2,
    see,
    next(history) {
      const start = history.indexOf(START);
      if (start < 0) return { id: START };
      const prompt = history.slice(0, start);
      const block = lastBlock(history);
      const said = history.length - start - 2 - block.length;
      const option = OPTIONS[largest(choose(prompt, block))]!;
      // Own latents are what the input shows.
      return { id: saying(`<answer> ${option} </answer>`, Math.max(0, said)), own: totalContent(prompt) };
    },
  }).model;
}

/** Guessing among four on so many examples has a standard deviation of 1.4 points. */
const N = 1000;
const dummies = [
  "zeros",
  "noise",
  "noise-matched",
  "mean",
  "other-own",
  "other-oracle",
  "mean-oracle",
  "skip",
];

describe("a model whose answer stands in its latents only", () => {
  const model = planted((_prompt, block) => totalContent(block));

  it("is called load-bearing where its own latents are right", async () => {
    const result = await auditLoaded(model, { examples: examples(N, 0.9) });
    expect(result.verdict).toBe("load-bearing");
    expect(result.interventions.own!.accuracy).toBeGreaterThan(0.88);
    expect(result.interventions.oracle!.accuracy).toBe(1);
    expect(result.interventions.shuffle!.accuracy).toBe(result.interventions.own!.accuracy);
    for (const name of dummies) {
      const { accuracy, answered, latentRate } = result.interventions[name]!;
      expect(Math.abs(accuracy! - 0.25), name).toBeLessThan(0.03);
      expect([answered, latentRate], name).toEqual([1, 1]);
    }
  });

  it("is called starved where only the oracle is right, and follows counterfactuals", async () => {
    const result = await auditLoaded(model, { examples: examples(N, 0) }, { seed: 1 });
    expect(result.verdict).toBe("starved");
    expect(result.interventions.oracle!.accuracy).toBe(1);
    for (const name of ["own", "shuffle", "random-crop", ...dummies]) {
      expect(Math.abs(result.interventions[name]!.accuracy! - 0.25), name).toBeLessThan(0.03);
    }
    expect(result.interventions.counterfactual).toMatchObject({ accuracy: 0, following: 1 });
  });
});

describe("a model that never looks at its latents", () => {
  it("is called bypassed: everything is equivalent to own, and counterfactuals are not followed", async () => {
    const model = planted((prompt) => totalContent(prompt));
    const result = await auditLoaded(model, { examples: examples(N, 0.8) });
    expect(result.verdict).toBe("bypassed");
    const { own } = result.interventions;
    expect(own!.accuracy).toBeGreaterThan(0.8);
    for (const [name, row] of Object.entries(result.interventions)) {
      expect(row.accuracy, name).toBe(own!.accuracy);
    }
    for (const row of result.comparisons.filter((c) => c.reference === "own")) {
      expect(row, row.intervention).toMatchObject({ equivalent: true, difference: 0, agreement: 1 });
    }
    expect(result.interventions.counterfactual!.following).toBeLessThan(0.25);
  });
});
