import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ofSameWords, splitStatistics } from "./split-statistics.ts";

const z = (...values: number[]) => Float32Array.from(values);

describe("splitStatistics", () => {
  it("takes means and population deviations over those that have latents", () => {
    const own = [[z(1, 10)], [], [z(3, 10), z(9, 9)], [z(8, 10)]];
    const oracle = [[z(2, 4)], [z(4, 8)], [], []];
    const { ownMean, ownDeviation, oracleMean, ownVector } = splitStatistics(own, oracle, 0, undefined, 1);
    // Block by block: only one example opened a second one.
    expect(ownMean.map((mean) => [...mean])).toEqual([
      [4, 10],
      [9, 9],
    ]);
    expect(ownDeviation[0]![0]).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 3), 6);
    expect(ownDeviation[0]![1]).toBe(0);
    expect([...ownDeviation[1]!]).toEqual([0, 0]);
    expect(oracleMean.map((mean) => [...mean])).toEqual([[3, 6]]);
    expect([...ownVector!]).toEqual([60 / 8]);
  });

  it("of words knows those who ask in the same words, and donors with as many", () => {
    const ask = (question: string, answer: number) => ({
      question,
      options: ["a", "b"],
      answer,
      attributes: {},
    });
    const examples = [ask("p", 0), ask("p", 1), ask("q", 1), ask("r", 0)];
    const own = [[z(1, 5)], [z(3, 9)], [z(4, 4)], [z(7)]];
    const answers = examples.map(({ answer }) => ({ option: "ab"[answer]!, words: "ab"[answer]! }));
    for (let seed = 0; seed < 5; seed++) {
      const split = splitStatistics(
        own,
        own.map(() => []),
        seed,
        answers,
        1,
        examples,
        true,
      );
      expect(split.otherOwn[3]).toBeNull();
      expect(split.partner[3]).toBeNull();
      expect([0, 1, 2].map((i) => [0, 1, 2].includes(split.otherOwn[i]!) && split.otherOwn[i] !== i)).toEqual(
        [...[true, true, true]],
      );
      const mine = ofSameWords(split, 1);
      expect(mine.ownMean.map((each) => [...each])).toEqual([[2, 7]]);
      expect(mine.ownDeviation.map((each) => [...each])).toEqual([[1, 2]]);
      expect(new Set(mine.pool)).toEqual(new Set([0, 1, 2]));
      expect(ofSameWords(split, 2)).toMatchObject({ ownMean: [], ownDeviation: [] });
      expect(ofSameWords(split, 3).pool).toEqual([3]);
    }
  });

  it("has nothing to say without latents", () => {
    expect(splitStatistics([[], []], [[], []], 0)).toMatchObject({
      ownMean: [],
      ownDeviation: [],
      oracleMean: [],
      ownVector: null,
      otherOwn: [null, null],
      partner: [null, null],
      pool: [],
    });
    expect(splitStatistics([[z(1)], []], [[], []], 0).otherOwn).toEqual([null, null]);
  });

  it("takes latents that are not finite for none", () => {
    const { own, ownMean, otherOwn, pool } = splitStatistics(
      [[z(1)], [z(Number.NaN)], [z(3)]],
      [[], [], []],
      0,
    );
    expect(own[1]).toEqual([]);
    expect([...ownMean[0]!]).toEqual([2]);
    expect(otherOwn).toEqual([2, null, 0]);
    expect([...pool].sort()).toEqual([0, 2]);
  });

  it("pairs examples with different answers, each with one partner", () => {
    const answers = [..."abcabcaaab"];
    const { partner } = splitStatistics(
      answers.map(() => [z(1)]),
      [],
      0,
      answers.map((option) => ({ option, words: option })),
    );
    for (const [i, other] of partner.entries()) {
      if (other === null) continue;
      expect(partner[other]).toBe(i);
      expect(answers[other]).not.toBe(answers[i]);
    }
    expect(partner.filter((other) => other !== null).length).toBeGreaterThanOrEqual(8);
  });

  it("pairs examples whose answers are neither the same letter nor the same words", () => {
    // Options in an order of each question's own: the letter says where, the words what.
    const answers = Array.from({ length: 40 }, (_, i) => ({
      option: "ABCD"[i % 4]!,
      words: ["red", "blue", "green"][i % 3]!,
    }));
    const all = answers.map(() => [z(1)]);
    const { partner } = splitStatistics(all, [], 0, answers);
    expect(partner.filter((other) => other !== null).length).toBeGreaterThan(30);
    for (const [i, other] of partner.entries()) {
      if (other === null) continue;
      expect(answers[other]!.option).not.toBe(answers[i]!.option);
      expect(answers[other]!.words).not.toBe(answers[i]!.words);
    }
    const examples = answers.map(({ option, words }, i) => ({
      question: `question ${i % 2}`,
      options: [..."ABCD"],
      optionTexts: [..."ABCD"].map((letter) => (letter === option ? words : `not ${words}`)),
      answer: "ABCD".indexOf(option),
      attributes: {},
    }));
    const { same, matched } = splitStatistics(all, [], 0, answers, 1, examples).donors();
    for (const donors of [same, matched])
      for (const [i, other] of donors.entries()) {
        if (other === null) continue;
        expect(answers[other]!.option).not.toBe(answers[i]!.option);
        expect(answers[other]!.words).not.toBe(answers[i]!.words);
      }
    expect([same, matched].map((donors) => donors.some((other) => other !== null))).toEqual([true, true]);
  });

  it("gives each example another one's latents: each once, none its own, equal for equal seeds", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), fc.nat(1000), (present, seed) => {
        const own = present.map((p) => (p ? [z(1)] : []));
        const { otherOwn } = splitStatistics(own, [], seed);
        const places = present.flatMap((p, i) => (p ? [i] : []));
        const taken = otherOwn.filter((i) => i !== null);
        expect(otherOwn).toEqual(splitStatistics(own, [], seed).otherOwn);
        expect(otherOwn.map((i) => i !== null)).toEqual(present.map((p) => p && places.length > 1));
        expect([...taken].sort((a, b) => a - b)).toEqual(places.length > 1 ? places : []);
        expect(otherOwn.some((other, i) => other === i)).toBe(false);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("draws own and oracle partners apart, and otherwise for another seed", () => {
    const all = Array.from({ length: 50 }, () => [z(1)]);
    const { otherOwn, otherOracle } = splitStatistics(all, all, 0);
    expect(otherOwn).not.toEqual(otherOracle);
    expect(splitStatistics(all, all, 1).otherOwn).not.toEqual(otherOwn);
  });
});
