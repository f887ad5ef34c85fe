/**
 * Lintel's numbers against those that the code of CVRR, WM-VLM and PRISM gives for the same outcomes, latents and states of
 * a pocket checkpoint (test/goldens/published, made by python/lintel_reference/parity/published.py).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, which the parity check runs with what is built
import { expanded, numbersOf, OPTIONS } from "../python/lintel_reference/parity/published_numbers.mjs";
import { compare, compareAll, geometry, isRight } from "../src/audit/index.ts";
import { fourWays } from "../src/audit/judge/look-alike.ts";
import { pathInteraction } from "../src/audit/judge/path-interaction.ts";
import { lookAlike, measurePair, prismProbe } from "../src/audit/measurements/index.ts";
import { stratifiedFolds } from "../src/audit/measurements/prism-probe.ts";
import type { ExampleOutcomes } from "../src/audit/record/outcomes.ts";
import { readSafetensors, toFloat32 } from "../src/formats/index.ts";
import { mean } from "../src/numeric/index.ts";
import { bootstrap, percentileInterval, proportionInterval } from "../src/statistics/index.ts";
import { pythonRandom } from "./support/python-random.ts";

type Numbers = Record<string, number>;

const at = (file: string): string => fileURLToPath(new URL(`./goldens/published/${file}`, import.meta.url));
const read = (file: string) => JSON.parse(readFileSync(at(file), "utf8"));
const golden: {
  numbers: Record<"cvrr" | "wmVlm" | "prism", Numbers>;
  asStopped: Numbers;
  intervals: { cvrr: Record<string, [seed: number, low: number, high: number]> };
} = read("diagnostics.json");
const records = read("records.json");
const tensors = Object.fromEntries(
  [...(await readSafetensors(at("records.safetensors")))].map(([name, tensor]) => [
    name,
    { shape: tensor.shape, data: toFloat32(tensor) },
  ]),
);
const L = {
  ...{
    compare,
    compareAll,
    geometry,
    isRight,
    fourWays,
    pathInteraction,
    lookAlike,
    measurePair,
    prismProbe,
  },
};
const ours: typeof golden.numbers = numbersOf(L, records, tensors);

test.each(["cvrr", "wmVlm", "prism"] as const)("%s: every number agrees to 1e-6", (diagnostic) => {
  const theirs = golden.numbers[diagnostic];
  expect(Object.keys(ours[diagnostic]).sort()).toEqual(Object.keys(theirs).sort());
  for (const [name, value] of Object.entries(theirs))
    expect(Math.abs(ours[diagnostic][name]! - value), `${name}: ${value}`).toBeLessThanOrEqual(1e-6);
});

test("the numbers are of a model that the diagnostics say something about", () => {
  const { cvrr, wmVlm, prism } = golden.numbers;
  expect(cvrr["visual_rows_restored.matched_swap.mcnemar_holm_p"]).toBeLessThan(0.05);
  expect(wmVlm.latent_top1_is_gold).toBeGreaterThan(0.3);
  expect(wmVlm.latent_top1_is_gold).toBeLessThan(1);
  expect(Math.abs(wmVlm.phi!)).toBeGreaterThan(0.1);
  expect(Math.abs(prism["truncate.delta_vs_clean"]!)).toBeGreaterThan(0.05);
  // Where scikit-learn stops by default the cross-entropy is further from the optimum than Lintel is.
  for (const [name, stopped] of Object.entries(golden.asStopped))
    expect(Math.abs(stopped - prism[name]!), name).toBeLessThan(0.01);
});

test("the folds are scikit-learn's, whatever the labels and their number", () => {
  // StratifiedKFold(3, shuffle=True, random_state=42) of scikit-learn 1.9.1.
  expect(stratifiedFolds([2, 0, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1], 3, 42)).toEqual([
    0, 1, 1, 0, 0, 0, 2, 0, 1, 0, 2, 1, 2, 2, 2, 1, 1,
  ]);
});

const REPLICATES = 10_000;
const examples: ExampleOutcomes[] = expanded(records);
const PATHS: Record<string, string> = { strict: "dropped", visual_rows_restored: "visible" };
const CONTENTS: Record<string, string> = {
  clean: "own",
  matched_swap: "other-own",
  norm_matched_noise: "noise-matched",
};
/** Right answers (1) of every example under a content on a path, in the names of CVRR. */
const rightUnder = (path: string, condition: string): number[] =>
  examples.map(({ outcomes, answer }) =>
    Number(outcomes[`${CONTENTS[condition]}@${PATHS[path]}`]!.choice === answer),
  );
const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]!);

/** What CVRR's code bootstraps under a name, and Lintel's own interval of the same. */
function quantity(name: string): { values: number[]; interval: readonly [number, number] | null } {
  const [path, condition, key] = name.split(".") as [string, string, string];
  const [strict, restored] = ["strict", "visual_rows_restored"];
  const interaction = [PATHS[strict!]!, PATHS[restored!]!] as const;
  if (key === "accuracy") {
    const values = rightUnder(path, condition);
    return { values, interval: proportionInterval(values.filter(Boolean).length, values.length).value };
  }
  if (condition === "clean_vs_strict") {
    const names = [`own@${interaction[1]}`, `own@${interaction[0]}`] as const;
    return {
      values: minus(rightUnder(restored!, "clean"), rightUnder(strict!, "clean")),
      interval: compare(examples, ...names, OPTIONS).interval,
    };
  }
  const drop = (on: string) => minus(rightUnder(on, "clean"), rightUnder(on, condition));
  if (key === "accuracy_drop_reduction")
    return {
      values: minus(drop(strict!), drop(restored!)),
      interval: pathInteraction(examples, ["own", CONTENTS[condition]!], interaction).value!.interval,
    };
  const names = [`${CONTENTS[condition]}@${PATHS[path]}`, `own@${PATHS[path]}`] as const;
  return { values: drop(path).map((x) => -x), interval: compare(examples, ...names, OPTIONS).interval };
}

/** Sorted means of samples that CVRR's code draws with a seed. */
function theirReplicates(values: readonly number[], seed: number): Float64Array {
  const { randrange } = pythonRandom(seed);
  return Float64Array.from({ length: REPLICATES }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[randrange(values.length)]!;
    return sum / values.length;
  }).sort();
}

test("Python's generator draws what Python draws", () => {
  // [random.Random(0).randrange(80) for _ in range(8)] and [random.Random(103).randrange(5) …] of Python 3.11.7.
  const drawn = (seed: number, n: number) => {
    const { randrange } = pythonRandom(seed);
    return Array.from({ length: 8 }, () => randrange(n));
  };
  expect(drawn(0, 80)).toEqual([49, 53, 5, 33, 65, 62, 51, 38]);
  expect(drawn(103, 5)).toEqual([3, 1, 0, 4, 0, 3, 3, 2]);
});

test.each(Object.entries(golden.intervals.cvrr))(
  "cvrr: the bootstrap interval of %s",
  (name, [seed, ...ends]) => {
    const { values, interval } = quantity(name);
    // With their resampling, Lintel's percentile interval is theirs.
    const replicates = theirReplicates(values, seed);
    for (const [i, end] of percentileInterval(replicates).entries()) expect(end).toBeCloseTo(ends[i]!, 12);
    // With Lintel's own, its ends are where 2.5 % of their replicates are beyond, up to four standard errors of two shares of
    // 10,000 replicates each. Means of 80 answers are multiples of 1/80: an end is a step of their distribution.
    const own = bootstrap(values, mean, { seed: 0, replicates: REPLICATES }).value!;
    const error = 4 * Math.sqrt((2 * 0.025 * 0.975) / REPLICATES);
    const share = (holds: (x: number) => boolean) => replicates.filter(holds).length / REPLICATES;
    expect(share((x) => x < own[0] - 1e-9)).toBeLessThanOrEqual(0.025 + error);
    expect(share((x) => x <= own[0] + 1e-9)).toBeGreaterThanOrEqual(0.025 - error);
    expect(share((x) => x > own[1] + 1e-9)).toBeLessThanOrEqual(0.025 + error);
    expect(share((x) => x >= own[1] - 1e-9)).toBeGreaterThanOrEqual(0.025 - error);
    // What an audit reports is no bootstrap. It agrees to two answers of 80; that of an interaction, which holds whatever the
    // distribution, contains theirs.
    const near = 2 / values.length;
    if (name.endsWith("accuracy_drop_reduction")) {
      expect(interval![0]).toBeLessThanOrEqual(ends[0]!);
      expect(interval![1]).toBeGreaterThanOrEqual(ends[1]!);
    } else
      for (const [i, end] of interval!.entries()) expect(Math.abs(end - ends[i]!)).toBeLessThanOrEqual(near);
  },
);
