import { describe, expect, it } from "vitest";
import { contentHash, pixelHash } from "../../test/support/pixels.ts";
import { type TaskName, taskNamed, tasks } from "./registry.ts";
import type { Example, Task } from "./types.ts";

const names = Object.keys(tasks) as TaskName[];
const size = 2000;

/** The 1 % point of χ² with three degrees of freedom. */
const chiSquareThree = 11.345;

function chiSquare(counts: number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** SHA-256 over text and pixels of the first 40 examples of every split with seed 0, made on Linux with Node 20. */
const goldens: Record<TaskName, string> = {
  tetris: "16805b3a6bee8d8c9e9b9c055c92411b954439cc9928fdb523b7d1ea8835516e",
  crop: "be6b9545258781d21cf3d82de74a368ce950c9e5bb04a7efd0536b387e5787f1",
  "crop-masked": "3c8b791a56f83ebdb5cbbd2331f083a13808af088c897396269e50ba236f527a",
};

describe("registry", () => {
  it.each(names)("%s is registered under its own name, with train first", (name) => {
    expect(tasks[name].name).toBe(name);
    expect(tasks[name].splits[0]).toBe("train");
    expect(new Set(tasks[name].splits).size).toBe(tasks[name].splits.length);
  });

  it("names the nearest task for an unknown one, and is not fooled by what every object has", () => {
    expect(() => taskNamed("tetirs")).toThrow('got "tetirs"; try "tetris"');
    expect(() => taskNamed("crop_masked")).toThrow('try "crop-masked"');
    expect(() => taskNamed("constructor")).toThrow("task: expected one of tetris, crop, crop-masked");
  });
});

describe.each(names)("%s", (name) => {
  const task: Task = tasks[name];
  const made = new Map<string, Example[]>();
  const examples = (split: string): Example[] => {
    if (!made.has(split)) made.set(split, [...task.generate(split, size, 0)]);
    return made.get(split)!;
  };

  it.each(task.splits)(`is solved from its pictures alone: %s, n = ${size}`, (split) => {
    // `solve` throws unless exactly one option is right.
    const wrong = examples(split).filter((example) => task.solve(example) !== example.answer);
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(examples(split).length).toBe(size);
  });

  it.each(task.splits)("has answers in every place equally often: %s", (split) => {
    const counts = [0, 0, 0, 0];
    for (const { answer } of examples(split)) counts[answer]!++;
    expect(chiSquare(counts)).toBeLessThan(chiSquareThree);
    for (const part of [1, 2, 3, 5, 7, 101]) {
      const first = examples(split).slice(0, part * 4);
      expect([0, 1, 2, 3].map((i) => first.filter(({ answer }) => answer === i).length)).toEqual(
        Array(4).fill(part),
      );
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

  it("has unique ids, four options, and helpers and counterfactuals where they belong", () => {
    const all = task.splits.flatMap(examples);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const example of all) {
      expect(new Set(example.options).size).toBe(4);
      expect(example.question.split("<image>").length - 1).toBe(example.images.length);
      expect(example.helpers.length).toBe(1);
      expect(example.counterfactuals.length).toBe(4);
      expect(example.counterfactuals[example.answer]).toBeNull();
    }
  });

  it("makes the same pixels from the same seed on every machine, and others from another", () => {
    const first = (seed: number): Example[] =>
      task.splits.flatMap((split) => [...task.generate(split, 40, seed)]);
    expect(pixelHash(first(0))).toBe(goldens[name]);
    expect(pixelHash(first(1))).not.toBe(goldens[name]);
  });

  it("begins a larger split with the smaller one, and makes examples only when asked", () => {
    const few = [...task.generate("eval", 10, 0)];
    expect(examples("eval").slice(0, 10)).toEqual(few);
    const [one] = task.generate("train", 1e9, 0);
    expect(one!.id).toBe("train-000000");
  });

  it("refuses splits, numbers, seeds and parameters that it does not have, before any work", () => {
    expect(() => task.generate("evl", 1, 0)).toThrow(`split of ${name}: expected one of train, eval`);
    expect(() => task.generate("evl", 1, 0)).toThrow('try "eval"');
    expect(() => task.generate("eval", -1, 0)).toThrow(
      `count of ${name}: expected a whole number, 0 or more, got -1`,
    );
    expect(() => task.generate("eval", 1.5, 0)).toThrow("got 1.5");
    expect(() => task.generate("eval", 1, Number.NaN)).toThrow(`seed of ${name}`);
    expect(() => task.generate("eval", 1, 0, { speed: 1 })).toThrow(`parameter of ${name}`);
  });
});
