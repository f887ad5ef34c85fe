/** Every suite on models of which it is known what their answers rest on: real checkpoints, written by hand. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type AuditResult, auditLoaded, auditSchema, suites } from "../../src/audit/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { PAD, START, saying, scriptedModel } from "../scripted.fixture.ts";

const directory = await mkdtemp(join(tmpdir(), "lintel-suites-"));
afterAll(() => rm(directory, { recursive: true }));

const N = 60;
const audits = new Map<string, AuditResult>();

/** All suites on a known model; the model is asked once. */
async function audited(name: string): Promise<AuditResult> {
  const known = audits.get(name);
  if (known) return known;
  const of = knownModels.find((each) => each.name === name)!;
  const path = join(directory, name);
  await saveKnownModel(path, of);
  const model = await loadLatentModel(path, { threads: 1 });
  try {
    const examples = knownExamples(N, of.clear, 0);
    const result = await auditLoaded(model, { examples }, { interventions: { suites: Object.keys(suites) } });
    audits.set(name, result);
    return result;
  } finally {
    await model.network.release();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: results of suites have no common form.
const found = (audit: AuditResult, suite: string, analysis: string): any =>
  audit.suites![suite]!.results[analysis];
const accuracy = (audit: AuditResult, name: string): number => audit.interventions[name]!.accuracy!;

test("the answer stands in the latents", async () => {
  const audit = await audited("reads-latents");
  expect(() => auditSchema.parse(JSON.parse(JSON.stringify(audit)))).not.toThrow();
  const own = accuracy(audit, "own");
  const same = [
    "sham",
    "slots-only",
    "blend(0)",
    "jitter(0)",
    "random-crop",
    "knockout(nothing)",
    "knockout(image)",
  ];
  for (const name of same) expect(accuracy(audit, name), name).toBe(own);
  expect(accuracy(audit, "blend(1)")).toBe(accuracy(audit, "oracle"));
  for (const name of [
    "no-markers",
    "filler",
    "marker-repeat",
    "clamp",
    "knockout(slots)",
    "blank-image",
    "donor",
  ])
    expect(accuracy(audit, name), name).toBeLessThan(0.45);
  // A partner's latents make it give the partner's answer.
  expect(audit.interventions.exchange!.following).toBeGreaterThan(0.9);
  expect(found(audit, "mediation", "latentsToAnswer").donorAnswerLift.value).toBeGreaterThan(0.8);
  expect(found(audit, "mediation", "latentsToAnswer").changes.sham.totalVariation).toBeLessThan(1e-5);
  expect(found(audit, "markers", "decomposition").markerShare.value).toBe(0);
  expect(found(audit, "markers", "decomposition").slotsWithoutMarkers.value).toBe(1);
  expect(found(audit, "trt", "retained")["other-own"].value).toBeLessThan(0.3);
  expect(found(audit, "prism", "probes").answer.slots.accuracy).toBeGreaterThan(0.85);
  expect(found(audit, "prism", "probes").answer.slots.shuffled).toBeLessThan(0.5);
  expect(found(audit, "knockout", "attention").layers[1].share.slots).toBeGreaterThan(0.4);
  const { adversarial, random } = found(audit, "gradient", "flips");
  expect(adversarial.never).toBe(0);
  expect(adversarial.medianSize).toBeLessThan(random.medianSize / 2);
  for (const slot of found(audit, "gradient", "attribution").slots)
    expect(slot.perDeviation).toBeGreaterThan(0.01);
  expect(accuracy(audit, "adversarial(1)")).toBeLessThan(accuracy(audit, "random-direction(1)") - 0.3);
});

test("the answer cannot see the latents", async () => {
  const audit = await audited("sees-no-latents");
  const own = accuracy(audit, "own");
  const blind = ["blank-image", "other-image", "knockout(image)", "drop-image"];
  for (const [name, { accuracy: each }] of Object.entries(audit.interventions)) {
    // Every path but one takes the image from the answer.
    if (blind.includes(name) || /@(?!visible)/.test(name)) expect(each, name).toBeLessThan(0.45);
    // The helper stands where the answer can see it.
    else if (name.startsWith("helper-in-")) expect(each, name).toBeGreaterThanOrEqual(own);
    // Donors are not there for every example: compared on those that have one.
    else if (name === "same-question")
      expect(audit.comparisons.find(({ intervention }) => intervention === name)?.difference).toBe(0);
    else expect(each, name).toBe(own);
  }
  expect(audit.interventions.exchange!.following).toBe(0);
  // Decodable in the slots all the same: what a probe finds there says nothing of use.
  expect(found(audit, "prism", "probes").answer.slots.accuracy).toBeGreaterThan(0.85);
  expect(found(audit, "knockout", "attention").layers[1].share.slots).toBeLessThan(1e-6);
  for (const kind of ["adversarial", "random"]) {
    const { never, medianSize, reason } = found(audit, "gradient", "flips")[kind];
    expect([never, medianSize, reason]).toEqual([N, null, expect.stringMatching(/keep their answer/)]);
  }
  for (const slot of found(audit, "gradient", "attribution").slots)
    expect(slot.perDeviation).toBeLessThan(1e-6);
  // Nothing to divide: own is as good as no block at all.
  const { markerShare } = found(audit, "markers", "decomposition");
  expect(markerShare).toMatchObject({ value: null, reason: expect.stringMatching(/cannot be told apart/) });
});

test("only the presence of the block counts", async () => {
  const audit = await audited("presence");
  expect(found(audit, "markers", "decomposition").markerShare.value).toBe(1);
  expect(found(audit, "markers", "decomposition").slotShare.value).toBe(0);
  expect(found(audit, "gradient", "flips").adversarial.never).toBe(N);
});

test("doses grow along the curves, and are those of what was fed", async () => {
  const { interventions } = await audited("reads-latents");
  const distance = (name: string): number => interventions[name]!.dose!.distance!;
  for (const [base, values] of [
    ["blend", ["0", "0.25", "0.5", "0.75", "1"]],
    ["jitter", ["0", "0.1", "0.3", "1", "3"]],
  ] as const) {
    const doses = values.map((value) => distance(`${base}(${value})`));
    expect(doses).toEqual([...doses].sort((a, b) => a - b));
    expect(doses[0]).toBeLessThan(1e-4);
  }
  expect(distance("blend(1)")).toBe(distance("oracle"));
  expect(interventions.skip!.dose).toMatchObject({ norm: null, n: 0, reasons: { norm: /no latents/ } });
  expect(interventions.own!.dose!.cosine).toBeCloseTo(1, 6);
});

test("a model that cannot be looked into: null with a reason, counted, and no crash", async () => {
  const { model } = scriptedModel({
    k: 1,
    next: (history) => {
      if (!history.includes(START)) return { id: START };
      const said = history.length - 3 - history.indexOf(START);
      return { id: saying("<answer> a </answer>", Math.max(0, said)), own: [0, 0, 0, 0] };
    },
  });
  expect(model.rules.padId).toBe(PAD);
  const examples = knownExamples(4, 1, 0).map((example) => ({
    ...example,
    question: "<image> Which",
    helpers: [],
    counterfactuals: [],
  }));
  const audit = await auditLoaded(model, { examples }, { interventions: { suites: ["full"] } });
  for (const analysis of ["probes", "attention", "attribution", "flips", "answerLikelihood"]) {
    expect(found(audit, "full", analysis)).toMatchObject({
      n: 0,
      reason: expect.stringMatching(/looked into/),
    });
    expect(Object.values(found(audit, "full", analysis).left)).toEqual([4]);
  }
  expect(audit.notApplied).toMatchObject({
    oracle: { n: 4, reason: "no helper image" },
    "blend(0.5)": { n: 4 },
    "adversarial(0.3)": { n: 4 },
    reshuffled: { n: 4 },
  });
  expect(audit.interventions).not.toHaveProperty("oracle");
  // Own latents that are all zero: no direction, no distribution, and never a distance of 0 instead.
  expect(audit.interventions.own!.dose).toMatchObject({ cosine: null, mahalanobis: null });
  expect(audit.interventions.own!.dose!.reasons!.mahalanobis).toMatch(/4 of 4/);
  expect(found(audit, "full", "imageToLatents").changes["blank-image"]).toMatchObject({
    relative: null,
    reason: "own latents are the same for all examples",
  });
});

test("one example: nothing that needs two is claimed", async () => {
  const of = knownModels[0]!;
  const path = join(directory, "one");
  await saveKnownModel(path, of);
  const model = await loadLatentModel(path, { threads: 1 });
  try {
    const audit = await auditLoaded(
      model,
      { examples: knownExamples(1, 1, 0) },
      { interventions: { suites: ["full"] } },
    );
    expect(audit.verdict).toBe("inconclusive");
    expect(found(audit, "full", "probes").answer.slots).toMatchObject({ accuracy: null });
    expect(found(audit, "full", "probes").decodabilityGap.value).toBeNull();
    expect(found(audit, "full", "retained").zeros.value).toBeNull();
    expect(found(audit, "full", "latentsToAnswer").donorAnswerLift.value).toBeNull();
    expect(found(audit, "full", "imageToLatents").betweenExamples).toBeNull();
    expect(audit.interventions.zeros!.dose).toMatchObject({ mahalanobis: null });
    // Of one example own latents do not vary: there is nothing to perturb.
    expect(found(audit, "full", "flips")).toMatchObject({ n: 0 });
  } finally {
    await model.network.release();
  }
});
