/** What cannot be computed is null with a reason and counted: through whole audits with every suite. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditResult, auditLoaded, baselineAnswers, suiteNames } from "../audit/index.ts";
import { type LocalModel, loadLatentModel } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "./index.ts";

const [reads, blind] = knownModels;
let directory: string;
const models: Record<string, LocalModel> = {};
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-nulls-"));
  const guess = { ...reads!, name: "guess", layers: [reads!.layers[0], reads!.layers[0]] as const };
  for (const known of [reads!, blind!, guess]) {
    await saveKnownModel(join(directory, known.name), known);
    models[known.name] = await loadLatentModel(join(directory, known.name), { threads: 1 });
  }
});
afterAll(async () => {
  for (const model of Object.values(models)) await model.network.release();
  await rm(directory, { recursive: true });
});

/** Everything in a result that is no finite number or an interval without width, by path. */
function faults(value: unknown, path = "audit"): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path}: ${value}`];
  if (Array.isArray(value)) {
    const pair = value.length === 2 && value.every((each) => typeof each === "number");
    if (/nterval$/.test(path) && pair && !(value[0] < value[1])) return [`${path}: [${value}]`];
    return value.flatMap((each, i) => faults(each, `${path}.${i}`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => faults(each, `${path}.${key}`));
}

/** Objects in which a number is null, and that say nothing of why, by path. */
function unexplained(value: unknown, path: string, said = false): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each, i) => unexplained(each, `${path}.${i}`, said));
  const record = value as Record<string, unknown>;
  const here = said || "reason" in record || "reasons" in record || "left" in record;
  const silent = Object.entries(record).flatMap(([key, each]) =>
    each === null && !here ? [`${path}.${key}`] : [],
  );
  return [
    ...silent,
    ...Object.entries(record).flatMap(([key, each]) => unexplained(each, `${path}.${key}`, here)),
  ];
}

const audit = (model: string, examples: readonly Example[]): Promise<AuditResult> =>
  auditLoaded(models[model]!, { examples }, { interventions: { suites: suiteNames } });

const results = (found: AuditResult, suite: string, analysis: string): Record<string, unknown> =>
  found.suites![suite]!.results[analysis]!;

describe("every suite", () => {
  it("of one example: no interval, no test, no conclusion", async () => {
    const found = await audit("reads-latents", knownExamples(1, 0.9, 0));
    expect(faults(found)).toEqual([]);
    expect(found.verdict).toBe("inconclusive");
    expect(found.suites!.full!.conclusion).toBe("inconclusive");
    for (const name of suiteNames) expect(found.suites![name]!.conclusion, name).toBe("inconclusive");
    expect(found.interventions.own).toMatchObject({ n: 1, interval: null });
    expect(results(found, "viveiros", "foundAndRight")).toMatchObject({ phi: null, n: 1 });
    expect(results(found, "prism", "probes").decodabilityGap).toMatchObject({ value: null });
    expect(results(found, "mediation", "imageToLatents")).toMatchObject({ betweenExamples: null });
  });

  it("of answers that are all right under everything: no gain, no share, and intervals with a width", async () => {
    const found = await audit("sees-no-latents", knownExamples(30, 1, 0));
    expect(faults(found)).toEqual([]);
    expect(found.interventions.zeros).toMatchObject({ accuracy: 1 });
    const same = found.comparisons.find(({ intervention }) => intervention === "zeros")!;
    expect(same).toMatchObject({ difference: 0, mcnemarP: 1, equivalent: false });
    expect(same.interval![1]).toBeGreaterThan(0.05);
    expect(results(found, "trt", "retained").zeros).toMatchObject({
      value: null,
      reason: expect.stringMatching(/cannot be told apart/),
    });
    expect(results(found, "viveiros", "foundAndRight")).toMatchObject({
      phi: null,
      reason: expect.stringMatching(/nothing goes with anything/),
    });
    expect(results(found, "viveiros", "reliance").gapClosed).toBeNull();
  });

  it("of examples without helpers, or with some: oracles counted as missing, nothing made of them", async () => {
    const all = knownExamples(30, 0.9, 0);
    const bare = (example: Example): Example => ({
      ...example,
      helpers: [],
      counterfactuals: example.options.map(() => null),
    });
    const none = await audit("reads-latents", all.map(bare));
    expect(faults(none)).toEqual([]);
    expect(none.notApplied).toMatchObject({ oracle: { n: 30 }, "blend(0.5)": { n: 30 } });
    expect(none.interventions.oracle).toBeUndefined();
    expect(none.geometry.ownOracle).toMatchObject({ cosine: null, r1: null, usp: null, n: 0 });
    expect(none.geometry.ownOracle.reasons!.r1).toMatch(/no example has both/);
    for (const [suite, analysis] of [
      ["viveiros", "reliance"],
      ["viveiros", "collapse"],
      ["viveiros", "spread"],
      ["viveiros", "foundAndRight"],
      ["mediation", "targetForcing"],
    ] as const)
      expect(unexplained(results(none, suite, analysis), analysis)).toEqual([]);
    const some = await audit(
      "reads-latents",
      all.map((example, i) => (i % 3 === 0 ? bare(example) : example)),
    );
    expect(faults(some)).toEqual([]);
    expect(some.notApplied!.oracle).toMatchObject({ n: 10, reason: expect.any(String) });
    expect(some.interventions.oracle).toMatchObject({ n: 20 });
    expect(results(some, "viveiros", "reliance").n).toBe(20);
    expect(results(some, "mediation", "targetForcing")).toMatchObject({ n: 20, left: { "no oracle": 10 } });
  });
});

describe("the text baseline", () => {
  it("is compared by example, in numbers and in words", async () => {
    const examples = knownExamples(60, 0.9, 0);
    const baseline = async (model: string) => ({
      model,
      answers: await baselineAnswers(join(directory, model), examples, { threads: 1 }),
    });
    const interventions = ["own", "zeros"];
    const guess = await auditLoaded(
      models["reads-latents"]!,
      { examples },
      { interventions, model: { textBaseline: await baseline("guess") } },
    );
    expect(guess.textBaseline).toMatchObject({ model: "guess", n: 60, accuracy: 0.25, equivalent: false });
    expect(guess.textBaseline!.difference).toBeCloseTo(guess.interventions.own!.accuracy! - 0.25, 12);
    expect(guess.textBaseline!.p).toBeLessThan(1e-9);
    expect(guess.readable).toMatch(
      /The text baseline.* answered 25\.0 % \[.*\] of the same 60 examples correctly: own latents − text baseline \+70\.0 points \[.*\(exact McNemar test, p = .*\)\.$/,
    );
    const twin = await auditLoaded(
      models["reads-latents"]!,
      { examples },
      { interventions, model: { textBaseline: await baseline("sees-no-latents") } },
    );
    expect(twin.textBaseline).toMatchObject({ difference: 0, p: 1, equivalent: false });
    expect(twin.readable).toMatch(/not shown to be equivalent within ±2 points/);
  });
});
