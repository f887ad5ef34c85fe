/** The numbers of analyses on the panel of known answers: every analysis has some, and a wrong number is found out. */
import { expect, it } from "vitest";
import { auditLoaded, suites } from "../src/audit/index.ts";
import { checkFacts } from "../src/selftest/analysis-facts.ts";
import { regionExamples } from "../src/selftest/examples.ts";
import { analysisFacts, type KnownModel, knownModels, oneRegion } from "../src/selftest/index.ts";
import { eachKnownModel } from "../src/selftest/run.ts";

it("every analysis has a row, but for those that known examples have no data for", () => {
  const named = new Set<string>(analysisFacts.map(({ analysis }) => analysis));
  const without = suites.full.analyses.filter((name) => !named.has(name));
  expect([...without].sort()).toEqual(["edits", "foundAndRight"]);
  const models = [...knownModels, oneRegion].map(({ name }) => name);
  for (const { model, analysis, numbers } of analysisFacts) {
    expect(models).toContain(model);
    expect(["lookAlike", ...suites.full.analyses]).toContain(analysis);
    expect(numbers.length).toBeGreaterThan(0);
    for (const { value, within } of numbers) expect([value, within].every(Number.isFinite)).toBe(true);
  }
});

it("a number that is off or not there is wrong", () => {
  const of = (fixedContext: unknown) =>
    checkFacts("first-slot", 60, {
      // @ts-expect-error: only what is looked at.
      suites: { mediation: { results: { fixedContext } } },
    }).map(({ passed }) => passed);
  expect(of({ slots: [{ loss: 1.3 }, { loss: 0 }] })).toEqual([true]);
  expect(of({ slots: [{ loss: 1.3 }, { loss: 0.1 }] })).toEqual([false]);
  expect(of({ slots: [{ loss: 1.3 }] })).toEqual([false]);
  expect(of({ n: 0, reason: "nothing was read again" })).toEqual([false]);
  expect(checkFacts("first-slot", 60, {})).toEqual([]);
});

it("of a model that reads one of nine coloured regions, the map is that region; of one that reads all, it is not", async () => {
  const [reads] = knownModels.filter(({ name }) => name === "sees-no-latents");
  const everywhere: KnownModel = { ...oneRegion, layers: reads!.layers };
  const found: boolean[][] = [];
  for (const model of [oneRegion, everywhere])
    await eachKnownModel({ models: [model], sizes: [12] }, async (loaded, { name }, n) => {
      const request = { interventions: { suites: ["knockout"] } };
      const audit = await auditLoaded(loaded, { examples: regionExamples(n, 0) }, request);
      found.push(checkFacts(name, n, audit).map(({ passed }) => passed));
    });
  expect(found[0]).toEqual([true, true, true]);
  expect(found[1]!.slice(0, 2)).toEqual([false, false]);
}, 120_000);
