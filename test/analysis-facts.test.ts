/** The numbers of analyses on the panel of known answers: every analysis has some, and a wrong number is found out. */
import { describe, expect, it } from "vitest";
import { auditLoaded, suiteNames, suites } from "../src/audit/index.ts";
import { measurements } from "../src/audit/measurements/index.ts";
import { interventionNames, interventionOf } from "../src/reasoning/index.ts";
import { checkFacts, interventionsOf } from "../src/selftest/analysis-facts.ts";
import { regionExamples } from "../src/selftest/examples.ts";
import {
  analysisFacts,
  type KnownModel,
  knownModels,
  oneRegion,
  suiteModels,
} from "../src/selftest/index.ts";
import { eachKnownModel } from "../src/selftest/run.ts";
import { further } from "../src/selftest/run-suites.ts";

/** Where the panel's rows speak of each measurement: its analysis or part of an audit, and the place of a number there. */
const placeOf: Record<keyof typeof measurements, readonly [string, string]> = {
  pairwiseCosine: ["collapse", "pairwiseCosine"],
  centeredPairwiseCosine: ["geometry", "own/centeredPairwiseCosine"],
  effectiveRank: ["geometry", "own/effectiveRank"],
  participationRatio: ["geometry", "own/participationRatio"],
  cosine: ["geometry", "ownOracle/cosine"],
  mse: ["geometry", "ownOracle/mse"],
  usp: ["geometry", "ownOracle/usp"],
  cka: ["geometry", "ownOracle/cka"],
  r2: ["geometry", "ownOracle/r2"],
  retrieval: ["geometry", "ownOracle/r1"],
  retrievalRanks: ["foundAndRight", "found/accuracy"],
  crossCosines: ["geometry", "references/oracleOtherAnswer/cosine"],
  slotCosines: ["geometry", "references/shuffledSlots/cosine"],
  optionDivergence: ["comparisons", "intervention=sham/kl"],
  counterfactualFollowing: ["interventions", "counterfactual/following"],
  mahalanobis: ["interventions", "zeros/dose/mahalanobis"],
  dose: ["interventions", "zeros/dose/norm"],
  probe: ["probes", "answer/slots/accuracy"],
  mlpProbe: ["probes", "mlp/slots/accuracy"],
  prismProbe: ["probes", "published/slots/accuracy"],
  clusters: ["clusters", "own/answer/ari"],
  components: ["spread", "own/rank90"],
  whitenedPairwiseCosine: ["spread", "own/whitenedCosine"],
  positions: ["spread", "oracle/positions/withinExamples"],
  withinGroups: ["groupCosine", "attributes/shown/raw/same"],
  residuals: ["groupCosine", "residual/explained"],
  regionEnrichment: ["targetRegion", "attention/answer/1/above"],
};

describe("the panel of known answers has a row for", () => {
  it("every analysis, of models and analyses that there are", () => {
    const named = new Set<string>(analysisFacts.map(({ analysis }) => analysis));
    expect(suites.full.analyses.filter((name) => !named.has(name))).toEqual([]);
    const models = suiteModels.map(({ name }) => name);
    const sources = ["lookAlike", "interventions", "comparisons", "geometry", ...suites.full.analyses];
    for (const { model, analysis, numbers } of analysisFacts) {
      expect(models).toContain(model);
      expect(sources).toContain(analysis);
      expect(numbers.length).toBeGreaterThan(0);
      for (const { value, within } of numbers) expect([value, within].every(Number.isFinite)).toBe(true);
    }
  });

  it("every measurement", () => {
    expect(Object.keys(placeOf).sort()).toEqual(Object.keys(measurements).sort());
    const places = analysisFacts.flatMap(({ analysis, numbers }) =>
      numbers.map(({ place }) => `${analysis} ${place}`),
    );
    for (const [name, at] of Object.entries(placeOf)) expect(places, name).toContain(at.join(" "));
  });

  it("every intervention, which the audits of that model run", () => {
    const bare = (name: string) => name.replace(/[(@].*/, "");
    const inFacts = knownModels.flatMap(({ facts }) => facts.map(({ intervention }) => bare(intervention)));
    const inRows = analysisFacts.flatMap(({ analysis, numbers }) =>
      interventionsOf(analysis, numbers).map(bare),
    );
    const named = new Set([...inFacts, ...inRows]);
    expect(interventionNames.filter((name) => !named.has(name))).toEqual([]);
    const all = suiteNames.flatMap((name) => [...suites[name].interventions]);
    for (const { model, analysis, numbers } of analysisFacts) {
      const special = further.find(({ model: { name } }) => name === model);
      const run = special
        ? [...special.names, ...special.suites.flatMap((name) => suites[name].interventions)]
        : all;
      for (const name of interventionsOf(analysis, numbers))
        expect(
          run.map((each) => interventionOf(each).name),
          model,
        ).toContain(name);
    }
  });
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
