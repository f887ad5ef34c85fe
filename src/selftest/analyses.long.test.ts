/** Analyses of suites, against what is known of models that were written by hand. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuditResult, auditLoaded } from "../audit/index.ts";
import { knownExamples, knownModels } from "./index.ts";
import { eachKnownModel } from "./run.ts";

const audits = new Map<string, AuditResult>();
const results = (model: string, suite: string, analysis: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: analyses report what they like.
  audits.get(model)!.suites![suite]!.results[analysis] as any;

beforeAll(async () => {
  const names = ["first-slot", "presence", "reads-latents"];
  const models = knownModels.filter(({ name }) => names.includes(name));
  await eachKnownModel({ models, sizes: [60] }, async (model, known, n) => {
    const examples = knownExamples(n, known.clear, 0);
    const suites = ["viveiros", "mediation", "knockout", "prism"];
    audits.set(known.name, await auditLoaded(model, { examples }, { interventions: { suites } }));
  });
}, 120_000);
afterAll(() => audits.clear());

test("fixed context: the answer loses by the slot that it is read from, and by no other", () => {
  const [first, second] = results("first-slot", "mediation", "fixedContext").slots;
  expect(first.loss).toBeGreaterThan(1);
  expect(first.interval[0]).toBeGreaterThan(1);
  expect(second.loss).toBe(0);
  for (const slot of results("presence", "mediation", "fixedContext").slots)
    expect(Math.abs(slot.loss)).toBeLessThan(1e-6);
  const { probability, withoutMostAttended } = results("first-slot", "mediation", "fixedContext");
  expect(withoutMostAttended.map(({ replaced }: { replaced: number }) => replaced)).toEqual([1, 2]);
  // The most attended one is the first: with it gone the answer is a guess.
  expect(probability).toBeGreaterThan(0.8);
  expect(withoutMostAttended[0].probability).toBeLessThan(0.3);
});

test("probes: states of the prompt where the model was loaded with them", () => {
  const { question, imageStates, slots } = results("reads-latents", "prism", "probes").answer;
  for (const { accuracy, n } of [question, imageStates, slots]) {
    expect(n).toBe(60);
    expect(accuracy).toBeGreaterThan(0.8);
  }
});

test("target forcing: a slot behind a forced one comes nearer to its oracle where latents follow latents", () => {
  const { forced, own, gain, n, slotsForced } = results("reads-latents", "mediation", "targetForcing");
  expect([n, slotsForced]).toEqual([60, 1]);
  expect(gain).toBeCloseTo(forced - own, 12);
  // The oracle in slot 1 writes its color into slot 2; where the picture shows another, own latents hold that one.
  expect(forced).toBeGreaterThan(own);
});

test("logit lens: what a latent would be as a word", () => {
  const [first, second] = results("reads-latents", "prism", "logitLens").slots;
  expect(first.most).toEqual([{ token: "<answer>", share: 1 }]);
  expect(second).toMatchObject({ n: 60, different: 1 });
  const options = results("first-slot", "prism", "logitLens").slots[0];
  expect(options.different).toBe(4);
});

test("spread: four colours are three directions, and as alike as vectors without structure once centred", () => {
  const { own, oracle, notFinite } = results("reads-latents", "viveiros", "spread");
  expect(notFinite).toBe(0);
  for (const cloud of [own, oracle]) {
    expect(cloud).toMatchObject({ n: 60, rank90: 3, rank99: 3 });
    expect(Math.abs(cloud.centeredCosine + 1 / 59)).toBeLessThan(0.001);
    expect(Math.abs(cloud.whitenedCosine + 1 / 59)).toBeLessThan(0.002);
  }
  // Own latents share the start marker; oracles hold one color in both slots.
  expect(own.cosine).toBeGreaterThan(0.3);
  expect(oracle.positions.ratio).toBeLessThan(1e-6);
  expect(own.positions.ratio).toBeGreaterThan(0.1);
});

test("found and right: counts of two by two", () => {
  const { n, found, missed, phi } = results("reads-latents", "viveiros", "foundAndRight");
  expect(found.n + missed.n).toBe(n);
  expect(Math.abs(phi)).toBeLessThan(1);
  const right = found.accuracy * found.n + missed.accuracy * missed.n;
  expect(right / n).toBeCloseTo(audits.get("reads-latents")!.interventions.own!.accuracy!, 12);
});

test("layer patching: slots until the layer that reads them, then the text", () => {
  const { n, change, layers } = results("reads-latents", "mediation", "layerPatching");
  expect(n).toBeGreaterThan(20);
  expect(change.interval[0]).toBeGreaterThan(1);
  // The last of the two layers reads the slots: before it the content stands there, behind it in the text.
  for (const { slots, text } of [layers.toOwn, layers.toExchanged]) {
    expect(slots[0]).toBeCloseTo(1, 3);
    expect(text[0]).toBeCloseTo(0, 3);
    expect(slots[1]).toBeCloseTo(0, 3);
    expect(text[1]).toBeCloseTo(1, 3);
  }
  const unread = results("presence", "mediation", "layerPatching");
  expect(unread).toMatchObject({ layers: null, reason: expect.stringMatching(/do not move/) });
});

test("attention: entropy, and as many words of the question as slots", () => {
  const layers = results("first-slot", "knockout", "attention").layers;
  // The last layer looks at the first slot and at itself, half each.
  expect(layers[1].share.slots).toBeCloseTo(0.5, 6);
  expect(layers[1].entropy).toBeCloseTo(Math.LN2, 4);
  expect(layers[1].asManyWords).toBeLessThan(1e-6);
  expect(layers[1].top).toBeCloseTo(0.5, 4);
});

test("attention, split by the answer: both parts together are the whole", () => {
  const { n, layers, byAnswer } = results("first-slot", "knockout", "attention");
  const { right, wrong } = byAnswer;
  expect(right.n + wrong.n).toBe(n);
  expect(right.n / n).toBeCloseTo(audits.get("first-slot")!.interventions.own!.accuracy!, 12);
  const over = (value: (part: { share: { slots: number }; top: number }) => number): [number, number] => [
    right.n * value(right) + (wrong.n > 0 ? wrong.n * value(wrong) : 0),
    (n * layers.reduce((sum: number, layer: typeof right) => sum + value(layer), 0)) / layers.length,
  ];
  for (const value of [over(({ share }) => share.slots), over(({ top }) => top)])
    expect(value[0]).toBeCloseTo(value[1], 9);
  // The same weights read the first slot, whatever it holds.
  if (byAnswer.slots.value !== null) expect(Math.abs(byAnswer.slots.value)).toBeLessThan(0.01);
});

test("rows of reference: own latents are nearer to oracles of their own answer than to those of others", () => {
  const { references } = audits.get("reads-latents")!.geometry;
  const { sameAnswer, otherAnswer, oracleSameAnswer, oracleOtherAnswer, ownToPatch } = references!;
  expect(sameAnswer!.cosine).toBeGreaterThan(otherAnswer!.cosine! + 0.1);
  expect(oracleSameAnswer!.cosine).toBeGreaterThan(oracleOtherAnswer!.cosine! + 0.1);
  expect(otherAnswer!.pairs).toBeGreaterThan(sameAnswer!.pairs);
  expect(ownToPatch!.pairs).toBe(60);
});

test("clusters of latents are the colors, and their attributes; the perceptron reads what the linear probe reads", () => {
  const { own, oracle } = results("reads-latents", "prism", "clusters");
  for (const { answer, n } of [own, oracle]) {
    expect(n).toBe(60);
    expect(answer.ari).toBeGreaterThan(0.8);
    expect(answer).toMatchObject({ p: 0.001, classes: 4 });
  }
  const { slots } = results("reads-latents", "prism", "probes").mlp;
  expect(slots.accuracy).toBeGreaterThan(0.8);
  expect(slots.shuffled).toBeLessThan(0.5);
  expect(Math.abs(slots.gain.value)).toBeLessThan(0.2);
});

test("answer likelihood: whole replies say what the written answers say, and one-word answers what first tokens say", () => {
  const of = (model: string, content: string) =>
    results(model, "prism", "answerLikelihood").contents.find(
      (each: { content: string }) => each.content === content,
    );
  for (const model of ["reads-latents", "first-slot"]) {
    expect(of(model, "own")).toMatchObject({ n: 60, agreement: 1 });
    expect(of(model, "own").accuracy).toBeCloseTo(audits.get(model)!.interventions.own!.accuracy!, 12);
    expect(of(model, "oracle").accuracy).toBeGreaterThan(0.9);
    // Zeros say nothing of the color: the likeliest reply is a guess, and own latents are worth their margin.
    expect(of(model, "zeros").accuracy).toBeLessThan(0.5);
    expect(of(model, "zeros").difference.interval[0]).toBeGreaterThan(0);
    expect(of(model, "zeros").accuracy).toBeCloseTo(audits.get(model)!.interventions.zeros!.accuracy!, 12);
  }
  // Where only the presence of the block counts, contents are worth the same.
  expect(Math.abs(of("presence", "mean").difference.value)).toBeLessThan(1e-3);
});
