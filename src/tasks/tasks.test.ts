import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pixelHash } from "../../test/support/pixels.ts";
import { pocketOf } from "../../test/support/pocket.ts";
import { decodePng } from "../formats/index.ts";
import { resolveParameters } from "./parameters.ts";
import { type TaskName, taskNamed, tasks } from "./registry.ts";
import type { Example, Parameters, Task } from "./types.ts";

/**
 * What every task must be, by the registry alone: a new task needs its pixels in the golden file, and no code here. Statistics
 * of 2,000 examples: tasks.long.test.ts.
 */
const names = Object.keys(tasks) as TaskName[];
const sample = 10;

/** SHA-256 over text and pixels of the first examples of every split with seed 0, made on Linux with Node 20. */
const goldens = JSON.parse(
  readFileSync(new URL("../../test/goldens/tasks/pixels.json", import.meta.url), "utf8"),
) as Record<string, Record<string, string>>;

describe("registry", () => {
  it.each(names)("%s is registered under its own name, with train first", (name) => {
    expect(tasks[name].name).toBe(name);
    expect(tasks[name].splits[0]).toBe("train");
    expect(tasks[name].splits).toContain("eval");
    expect(new Set(tasks[name].splits).size).toBe(tasks[name].splits.length);
  });

  it("names the nearest task for an unknown one, and is not fooled by what every object has", () => {
    expect(() => taskNamed("tetirs")).toThrow('Unknown task "tetirs". Did you mean "tetris"?');
    expect(() => taskNamed("crop_masked")).toThrow('Did you mean "crop-masked"?');
    expect(() => taskNamed("constructor")).toThrow(
      `Unknown task "constructor". Choose one of: ${names.join(", ")}.`,
    );
  });
});

describe.each(names)("%s", (name) => {
  const whole: Task = tasks[name];
  const task = pocketOf(whole);
  const few = (split: string, parameters: Parameters, count = sample): Example[] => [
    ...whole.generate(split, count, 0, parameters),
  ];
  const unsolved = (all: readonly Example[]): string[] =>
    // `solve` throws unless exactly one option is right.
    all.filter((example) => whole.solve(example) !== example.answer).map(({ id }) => id);

  it("is one sheet that a person can read, with larger helpers, by default; and solved from that too", () => {
    for (const split of task.splits) {
      const full = few(split, {});
      expect(unsolved(full)).toEqual([]);
      for (const { images, helpers, counterfactuals } of full.slice(0, 4)) {
        expect(images.length).toBe(1);
        const longer = (bytes: Uint8Array): number => {
          const { width, height } = decodePng(bytes)!;
          return Math.max(width, height);
        };
        expect(longer(images[0]!)).toBeGreaterThanOrEqual(512);
        expect(longer(images[0]!)).toBeLessThanOrEqual(768);
        for (const helper of [...helpers, ...counterfactuals.flatMap((each) => each ?? [])]) {
          expect(longer(helper)).toBeGreaterThanOrEqual(256);
          expect(longer(helper)).toBeLessThanOrEqual(512);
        }
      }
      const answers = full.map(({ answer }) => answer);
      expect(few(split, { rendering: "pocket" }).map(({ answer }) => answer)).toEqual(answers);
    }
  });

  it("tells a pocket model what it must know, by rendering", () => {
    const facts = (rendering: string) =>
      whole.pocket(resolveParameters(name, whole.parameters, { rendering }));
    expect(facts("full").maxPixels).toBeGreaterThanOrEqual(64 * 144);
    expect(facts("full").latentsPerBlock).toBe(4);
    expect(facts("pocket").maxPixels).toBeLessThanOrEqual(facts("full").maxPixels);
  });

  it("reasons in varied words, with and without naming the transformation, and paints the same", () => {
    const [none, named, plain] = ["none", "named", "plain"].map((plan) => few("train", { plan }, 25));
    for (const told of [named!, plain!]) {
      for (const { reasoning, helpers } of told) {
        expect(reasoning!.length).toBe(helpers.length + 1);
        for (const piece of reasoning!) expect(piece).not.toMatch(/<|undefined|NaN/);
      }
      expect(new Set(told.map(({ reasoning }) => reasoning![0])).size).toBeGreaterThan(2);
      expect(new Set(told.map(({ reasoning }) => reasoning!.at(-1))).size).toBeGreaterThan(2);
      expect(pixelHash(told.map(({ reasoning: _, ...rest }) => rest))).toBe(pixelHash(none!));
    }
    expect(named!.map(({ reasoning }) => reasoning)).not.toEqual(plain!.map(({ reasoning }) => reasoning));
  });

  it("changes with its difficulty", () => {
    const states = [1, 2, 3].map((difficulty) =>
      JSON.stringify(few("train", { difficulty }, 8).map(({ state }) => state)),
    );
    expect(new Set(states).size).toBeGreaterThan(1);
  });

  it.each(["pocket", "full"])(
    "makes the same pixels from the same seed on every machine, and others from another: %s",
    (rendering) => {
      const first = (seed: number, count: number): Example[] =>
        task.splits.flatMap((split) => [...task.generate(split, count, seed, { rendering })]);
      expect(pixelHash(first(0, 8))).toBe(goldens[name]?.[rendering]);
      expect(pixelHash(first(1, 2))).not.toBe(pixelHash(first(0, 2)));
    },
  );

  it("begins a larger split with the smaller one, and makes examples only when asked", () => {
    expect([...task.generate("eval", 20, 0)].slice(0, 10)).toEqual([...task.generate("eval", 10, 0)]);
    const [one] = task.generate("train", 1e9, 0);
    expect(one!.id).toBe("train-000000");
  });

  it("makes a share of a split, painted as in the whole", () => {
    const all = few("eval", { plan: "named" }, 9);
    const share = [...whole.generate("eval", 9, 0, { plan: "named" }, { index: 1, of: 4 })];
    const wanted = all.filter((_, i) => i % 4 === 1);
    // A task may ignore shares and make all.
    expect(share.length === all.length ? all : wanted).toEqual(share);
  });

  it("refuses splits, numbers, seeds and parameters that it does not have, before any work", () => {
    expect(() => task.generate("evl", 1, 0)).toThrow(`${name}: unknown split "evl". Did you mean "eval"?`);
    expect(() => task.generate("eval", -1, 0)).toThrow(
      `count of ${name} must be an integer of at least 0, got -1`,
    );
    expect(() => task.generate("eval", 1.5, 0)).toThrow("got 1.5");
    expect(() => task.generate("eval", 1, Number.NaN)).toThrow(`seed of ${name}`);
    expect(() => task.generate("eval", 1, 0, { speed: 1 })).toThrow(`${name}: unknown parameter "speed"`);
    expect(() => task.generate("eval", 1, 0, { difficulty: 4 })).toThrow("an integer from 1 to 3, got 4");
  });
});
