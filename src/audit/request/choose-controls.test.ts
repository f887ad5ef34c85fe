import { describe, expect, test } from "vitest";
import { candidatesOf, chooseControls, verdictInterventions } from "./choose-controls.ts";
import { secondsOf } from "./seconds.ts";

const config = {
  modelType: "tiny",
  text: { hiddenSize: 64, layers: 4, kvHeads: 2, headDim: 16, vocabSize: 1000 },
  tokens: { image: -1, visionStart: -1, visionEnd: -1 },
  raw: {},
};
const sizes = { config, examples: 100, prompt: 200, slots: 4 };
const speed = (factor = 1) => ({
  rates: { flops: 1e9 * factor, bytes: 1e9 * factor },
  ...{ weight: 4, perToken: 1024, layers: 1e6, table: 1e5, vision: 0 },
});
const chosen = (minutes: number, factor = 1, suites?: readonly string[]) =>
  chooseControls(
    candidatesOf(suites),
    verdictInterventions,
    (interventions, analyses) => secondsOf(speed(factor), { ...sizes, interventions }, 32, analyses),
    minutes * 60,
  );

describe("controls for a time", () => {
  const all = chosen(1e9)!;

  test("with time enough are all of them, and cost what all together cost", () => {
    expect(all.left).toEqual([]);
    expect(all.chosen.length).toBe(candidatesOf().length);
    expect(new Set(all.interventions).size).toBe(all.interventions.length);
    expect(all.chosen.reduce((sum, { seconds }) => sum + seconds, all.verdict)).toBeCloseTo(all.seconds, 6);
  });

  test("with time for the verdict alone are those that add nothing to it; with less there is none", () => {
    const least = chosen(all.verdict / 60)!;
    expect(least.seconds).toBeCloseTo(all.verdict, 9);
    for (const { seconds } of least.chosen) expect(seconds).toBeLessThan(1e-9);
    expect(least.left.length).toBeGreaterThan(5);
    expect(chosen((0.999 * all.verdict) / 60)).toBeNull();
  });

  test("never take longer than given, leave out nothing that fits, and lose nothing", () => {
    for (const share of [0.1, 0.3, 0.5, 0.8]) {
      const budget = all.verdict + share * (all.seconds - all.verdict);
      const found = chosen(budget / 60)!;
      expect(found.seconds).toBeLessThanOrEqual(budget);
      for (const { seconds } of found.left) expect(found.seconds + seconds).toBeGreaterThan(budget);
      expect(found.chosen.length + found.left.length).toBe(candidatesOf().length);
    }
  });

  test("are the same on a machine twice as fast in half the time, at half the cost", () => {
    const budget = (all.verdict + 0.4 * (all.seconds - all.verdict)) / 60;
    const [slow, fast] = [chosen(budget)!, chosen(budget / 2, 2)!];
    expect(fast.chosen.map(({ question }) => question)).toEqual(slow.chosen.map(({ question }) => question));
    expect(fast.seconds).toBeCloseTo(slow.seconds / 2, 9);
  });

  test("of named suites come these alone, first the one that decides most per second", () => {
    const found = chosen(1e9, 1, ["trt", "gradient"])!;
    expect([...found.suites].sort()).toEqual(["gradient", "trt"]);
    // The gradient's steps cost more than rows, and decide less.
    expect(found.suites[0]).toBe("trt");
  });
});
