/** What every task must be in 2,000 examples of each split: solvable, balanced, without repetition, and giving nothing away. */
import { describe, expect, it } from "vitest";
import { crossFit, optionsReader, questionReader } from "../../test/support/baseline/index.ts";
import { contentHash } from "../../test/support/pixels.ts";
import { pocketOf } from "../../test/support/pocket.ts";
import { goodnessOfFit } from "../statistics/index.ts";
import { type TaskName, tasks } from "./registry.ts";
import type { Example, Parameters, Task } from "./types.ts";

const size = 2000;

describe.each(Object.keys(tasks) as TaskName[])("%s", (name) => {
  const whole: Task = tasks[name];
  const task = pocketOf(whole);
  const made = new Map<string, Example[]>();
  /** 2,000 examples of a split in pocket rendering, painted once for all tests. */
  const examples = (split: string): Example[] => {
    if (!made.has(split)) made.set(split, [...task.generate(split, size, 0)]);
    return made.get(split)!;
  };
  const unsolved = (all: readonly Example[]): string[] =>
    // `solve` throws unless exactly one option is right.
    all.filter((example) => whole.solve(example) !== example.answer).map(({ id }) => id);

  const few = (split: string, parameters: Parameters, count: number): Example[] => [
    ...whole.generate(split, count, 0, parameters),
  ];

  it.each([1, 2, 3])("is solved at difficulty %i", (difficulty) => {
    for (const rendering of ["full", "pocket"]) {
      expect(unsolved(few("train", { difficulty, rendering }, 10))).toEqual([]);
      expect(unsolved(few(task.splits.at(-1)!, { difficulty, rendering }, 8))).toEqual([]);
    }
  });

  it.each(task.splits)(`is solved from its pictures alone: %s, n = ${size}`, (split) => {
    expect(unsolved(examples(split))).toEqual([]);
    expect(examples(split).length).toBe(size);
  });

  it.each(task.splits)("has answers in every place equally often: %s", (split) => {
    const most = Math.max(...examples(split).map(({ options }) => options.length));
    for (let options = 2; options <= most; options++) {
      const counts = Array<number>(options).fill(0);
      for (const { answer } of examples(split).filter((each) => each.options.length === options))
        counts[answer]!++;
      if (counts.some((count) => count > 0)) expect(goodnessOfFit(counts).value!.p).toBeGreaterThan(0.01);
    }
  });

  it("has no example twice, within a split or across splits", () => {
    const seen = new Map<string, string>();
    for (const split of task.splits) {
      for (const example of examples(split)) {
        const content = contentHash(example);
        expect(seen.get(content), example.id).toBeUndefined();
        seen.set(content, example.id);
      }
    }
  });

  it("keeps eval apart from train whatever the seeds", () => {
    const eval0 = new Set(examples("eval").map(contentHash));
    for (const example of task.generate("train", size, 99))
      expect(eval0.has(contentHash(example))).toBe(false);
  });

  it.each([
    ["question", () => questionReader],
    ["options", optionsReader],
  ] as const)("gives nothing away by its %s: a trained reader is within 3 points of chance", (_, reader) => {
    const { accuracy, chance } = crossFit(examples("train").map(reader()));
    expect(Math.abs(accuracy - chance)).toBeLessThan(0.03);
  });

  it("has unique ids, distinct options, and helpers, counterfactuals and state where they belong", () => {
    const all = [
      ...task.splits.flatMap(examples),
      ...task.splits.flatMap((split) => [...whole.generate(split, 24, 0, {})]),
    ];
    expect(new Set(task.splits.flatMap(examples).map(({ id }) => id)).size).toBe(size * task.splits.length);
    for (const example of all) {
      expect(new Set(example.options).size).toBe(example.options.length);
      expect(example.question.split("<image>").length - 1).toBe(example.images.length);
      expect(example.helpers.length).toBeGreaterThan(0);
      expect(example.counterfactuals.length).toBe(example.options.length);
      expect(example.counterfactuals[example.answer]).toBeNull();
      expect(example.counterfactuals.some((helpers) => helpers !== null)).toBe(true);
      for (const helpers of example.counterfactuals) {
        if (!helpers) continue;
        expect(helpers.length).toBe(example.helpers.length);
        expect(helpers.some((bytes, i) => Buffer.compare(bytes, example.helpers[i]!) !== 0)).toBe(true);
      }
      expect(Object.keys(example.attributes).length).toBeGreaterThan(0);
      expect(example.state ?? null).not.toBeNull();
      expect(JSON.parse(JSON.stringify(example.state))).toEqual(example.state);
      expect(example.reasoning).toBeUndefined();
    }
  });
});
