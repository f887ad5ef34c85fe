/** Analyses of where answers and latents look, of groups and of edits, on models whose weights were written for them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditResult, auditLoaded } from "../../src/audit/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { code, type Head } from "../../src/selftest/circuit.ts";
import { type KnownModel, knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { places, UNIT, vocabulary } from "../../src/selftest/layout.ts";
import type { Example } from "../../src/tasks/index.ts";
import { picture } from "../support/pictures.ts";

const id = (token: string): number => vocabulary().idOf(token)!;
const named = (name: string): KnownModel => knownModels.find((each) => each.name === name)!;
const privately = named("private-code");
const idle: Head = { looks: "self", moves: [] };

/** The word "a", when it is read, looks at what stands two and three tokens before it: the last slot and the end marker. */
const contrasting: KnownModel = {
  ...privately,
  name: "contrasting",
  layers: [
    [
      {
        looks: "self",
        when: [{ place: id("a"), strength: UNIT, look: "slots", instead: "self" }],
        moves: [],
      },
      idle,
    ],
    privately.layers[1],
  ],
};
/** The answer's cue, in the first layer, looks for red in the picture. */
const searching: KnownModel = {
  ...privately,
  name: "searching",
  layers: [
    [
      {
        looks: "self",
        when: [{ place: id("<answer>"), strength: UNIT, look: "flagged", instead: "self" }],
        flag: places.code,
        // What it finds moves the answer a little, so that there is a gradient.
        moves: code(places.code, places.answer, 0.1),
      },
      idle,
    ],
    privately.layers[1],
  ],
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-controls-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function audited(
  known: KnownModel,
  examples: readonly Example[],
  ...suites: string[]
): Promise<AuditResult> {
  const path = join(directory, known.name);
  await saveKnownModel(path, known);
  const model = await loadLatentModel(path, { threads: 1 });
  try {
    return await auditLoaded(model, { examples }, { interventions: { suites } });
  } finally {
    await model.network.release();
  }
}
// biome-ignore lint/suspicious/noExplicitAny: analyses report what they like.
const found = (audit: AuditResult, suite: string, analysis: string): any =>
  audit.suites![suite]!.results[analysis];

describe("answers' contrast", () => {
  it("is there where the words of the right answer alone look at the latents, slot by slot", async () => {
    const all = knownExamples(40, 1, 0);
    const of = async (examples: readonly Example[]) =>
      found(await audited(contrasting, examples, "knockout"), "knockout", "answerContrast");
    const asked = await of(all.filter(({ answer }) => answer === 0));
    expect([asked.n, asked.left]).toEqual([10, {}]);
    const [first, last] = asked.slots;
    // One head of two, in one layer of two, with about half of its attention on the last slot.
    const look: number = last.right;
    expect(Math.abs(look - 1 / 8)).toBeLessThan(0.02);
    for (const value of [last.gamma, last.difference]) expect(value).toBeCloseTo(look, 9);
    expect(last.wrong).toBeLessThan(1e-4);
    for (const value of [first.gamma, first.right, first.wrong, asked.image.right])
      expect(value).toBeLessThan(1e-4);
    expect(asked.latents.right).toBeCloseTo(look, 4);
    // Where another answer is right, "a" is one of three wrong ones: no γ, and less than nothing without its cut.
    const [, other] = (await of(all.filter(({ answer }) => answer !== 0))).slots;
    expect(other.gamma).toBeLessThan(1e-4);
    expect(other.difference).toBeCloseTo(-look / 3, 4);
    // Over all examples a word that always looks makes a γ, and no difference.
    const [, both] = (await of(all)).slots;
    expect(both.gamma).toBeCloseTo(look / 4, 4);
    expect(both.difference).toBeCloseTo(0, 4);
    expect([both.interval[0] < 0, both.interval[1] > 0]).toEqual([true, true]);
  });

  it("is counted with a reason where the answer has no words, and null in no example", async () => {
    const examples = knownExamples(3, 1, 0).map((each) => ({
      ...each,
      options: ["", "b", "c", "d"],
      answer: 0,
    }));
    const result = found(await audited(contrasting, examples, "knockout"), "knockout", "answerContrast");
    expect(result).toMatchObject({ n: 0, reason: expect.stringMatching(/first token/) });
  });
});

describe("the target's region", () => {
  /** Red, then another colour three times; the region is the red part. What is answered does not matter here. */
  const searched = (n: number): Example[] =>
    knownExamples(n, 1, 0).map((example, i) => ({
      ...example,
      images: [picture([0, 2, 2, 2], i)],
      regions: [{ image: 0, box: [0, 0, 12, 12] as const }],
    }));

  it("has all of the attention where the answer searches for it", async () => {
    const result = found(await audited(searching, searched(20), "knockout"), "knockout", "targetRegion");
    expect(result).toMatchObject({ n: 20, left: {}, targets: { region: 20 } });
    const [first, second] = result.attention.answer;
    // One head of two finds it, the other looks at itself.
    expect(first.inside).toBeCloseTo(0.5, 2);
    expect(first.elsewhere).toBeLessThan(1e-3);
    expect([first.above, first.n]).toEqual([1, 20]);
    expect(first.ofMeans).toBeGreaterThan(100);
    // In the second layer the cue looks at the slots: of what little the picture gets, no part has more.
    expect(second.inside).toBeLessThan(1e-3);
    expect(result.saliency.answer[0].inside).toBeGreaterThan(10 * result.saliency.answer[0].elsewhere);
    // In the second layer slots look at themselves.
    expect(result.attention.latents[1].inside).toBeLessThan(0.01);
  });

  it("has no more than the rest of the picture where all of it is looked at alike", async () => {
    const result = found(await audited(named("norm"), searched(20), "knockout"), "knockout", "targetRegion");
    const { rho, ofMeans, interval, reason } = result.attention.answer[0];
    expect(rho).toBeCloseTo(1, 3);
    expect(ofMeans).toBeCloseTo(rho, 3);
    // Every example says the same: an interval of no width would mislead.
    expect(interval === null ? reason : interval[0] < interval[1]).toBeTruthy();
    // Saliency of the latents' attention in the last layer: nothing behind it reads them.
    expect(result.saliency.latents[1]).toMatchObject({ rho: null, n: 0, reason: expect.any(String) });
  });

  it("is the right option's image where each option is one, and counted where there is none", async () => {
    const [plain, panels, whole] = knownExamples(3, 1, 0) as [Example, Example, Example];
    const options = panels.options.map((option) => `<image> ${option}`).join(" ");
    const examples = [
      plain,
      { ...panels, question: `Which ${options}`, images: [0, 1, 2, 3].map((c) => picture([c], c)) },
      { ...whole, regions: [{ image: 0, box: [0, 0, 12, 12] as const }] },
    ];
    const result = found(
      await audited(named("sees-no-latents"), examples, "knockout"),
      "knockout",
      "targetRegion",
    );
    expect(result).toMatchObject({
      n: 1,
      targets: { "image of the right option": 1 },
      left: { "no target region": 1, "no other region of its size": 1 },
    });
    expect(result.attention.answer[1].rho).toBeGreaterThan(0.8);
    expect(result.attention.answer[1]).toMatchObject({
      interval: null,
      reason: expect.stringMatching(/1 examples/),
    });
  });
});

describe("entropy of the attention", () => {
  it("of latents and of the answer, layer by layer", async () => {
    const result = found(
      await audited(named("first-slot"), knownExamples(20, 1, 0), "markers"),
      "markers",
      "attentionEntropy",
    );
    const [, last] = result.layers;
    // The answer looks at the first slot with one head and at itself with the other.
    expect(last.answer).toBeCloseTo(Math.LN2, 4);
    // The second slot is drawn to the first, the first looks at itself: half of ln 2 in the mean.
    expect(last.latents).toBeCloseTo(Math.LN2 / 2, 4);
    expect(last.difference).toBeCloseTo(last.latents - last.answer, 9);
    expect(last.answerShare).toBeGreaterThan(last.latentsShare);
    expect(last.answerShare).toBeLessThan(1);
    const wide = found(
      await audited(named("norm"), knownExamples(20, 1, 0), "markers"),
      "markers",
      "attentionEntropy",
    );
    // A head that looks anywhere sees as widely as can be; the other looks at itself.
    expect(wide.layers[0].answerShare).toBeGreaterThan(0.5);
  });
});

describe("groups of latents", () => {
  it("are alike within the colour that is shown, and what the picture predicts of that is gone in residuals", async () => {
    const audit = await audited(named("reads-latents"), knownExamples(60, 0.5, 0), "viveiros");
    const result = found(audit, "viveiros", "groupCosine");
    expect([result.n, result.notFinite]).toEqual([60, 0]);
    const { shown, asking } = result.attributes;
    expect(Object.values(shown.groups as Record<string, number>).reduce((a, b) => a + b, 0)).toBe(60);
    expect(shown.raw.same).toBeGreaterThan(0.999);
    expect(shown.raw.difference).toBeGreaterThan(0.3);
    expect(shown.raw.interval[0]).toBeGreaterThan(0.3);
    // Four colours are as unlike as four directions can be, once the common mean is gone.
    expect(shown.centered.same).toBeGreaterThan(0.9);
    expect(shown.centered.different).toBeLessThan(-0.2);
    expect(result.residual.explained).toBeGreaterThan(0.99);
    // The two kinds of question leave no trace in the latents.
    expect(Math.abs(asking.centered.difference)).toBeLessThan(0.1);
    expect(result.raw.cosine).toBeGreaterThan(result.centered.cosine);
  });

  it("say why where there are too few", async () => {
    const audit = await audited(named("reads-latents"), knownExamples(6, 1, 0), "viveiros");
    const { residual, attributes } = found(audit, "viveiros", "groupCosine");
    expect(residual).toMatchObject({ cosine: null, explained: null, reason: expect.stringMatching(/25/) });
    expect(attributes.asking.residual).toMatchObject({ same: null, reason: expect.stringMatching(/25/) });
  });
});

describe("edits", () => {
  /** Another colour, which another option stands for; a helper-like darker picture, which leaves the answer. */
  const edited = (n: number): Example[] =>
    knownExamples(n, 1, 0).map((example, i) => {
      const other = (example.answer + 1 + (i % 3)) % 4;
      return {
        ...example,
        edits: [
          { kind: "colour", images: [picture([other], i % 7)], answer: other },
          { kind: "shade", images: [picture([example.answer], 7 + (i % 7))], answer: example.answer },
        ],
      };
    });

  it("are followed by who reads the picture through its latents, and cost nothing where the answer stays", async () => {
    const result = found(
      await audited(named("reads-latents"), edited(24), "mediation"),
      "mediation",
      "edits",
    );
    expect([result.n, result.left]).toEqual([24, {}]);
    const { colour, shade } = result.kinds;
    expect(colour).toMatchObject({
      edits: 24,
      parsed: { value: 1 },
      shouldFlip: { value: 1 },
      modelFlip: { value: 1 },
      correctFlip: { value: 1, n: 24 },
      fCorrect: { value: 1, n: 24 },
      falseFlips: { value: null, n: 0, reason: "every edit flips" },
    });
    expect(shade).toMatchObject({
      shouldFlip: { value: 0 },
      modelFlip: { value: 0 },
      correctFlip: { value: null, reason: "no edit that flips" },
      falseFlips: { value: 0, n: 24 },
    });
    expect(result.all).toMatchObject({ edits: 48, shouldFlip: { value: 0.5 }, modelFlip: { value: 0.5 } });
    expect(result.all.modelFlip.interval[0]).toBeLessThan(0.5);
    // Another colour moves the latents as far as another example of another colour does; a shade hardly.
    expect(colour.displacement.relative).toBeGreaterThan(1);
    expect(shade.displacement.relative).toBeLessThan(0.05);
    expect(shade.displacement.cosine).toBeGreaterThan(0.999);
  });

  it("of answers that cannot be read are no flips; of broken pictures are counted", async () => {
    const silent: KnownModel = { ...named("reads-latents"), name: "silent" };
    const examples = edited(6).map((example, i) => ({
      ...example,
      edits:
        i === 0 ? [{ ...example.edits![0]!, images: [Uint8Array.of(1, 2)] }] : example.edits!.slice(0, 1),
      ...(i === 1 && { edits: [] }),
    }));
    const result = found(await audited(silent, examples, "mediation"), "mediation", "edits");
    expect(result).toMatchObject({ n: 5, left: { "no edited version": 1, "unusable edits": 1 } });
    expect(result.all).toMatchObject({ edits: 4, fCorrect: { value: 1, n: 4 } });
    const none = found(await audited(silent, knownExamples(3, 1, 0), "mediation"), "mediation", "edits");
    expect(none).toEqual({ n: 0, left: { "no edited version": 3 }, reason: "no edited version" });
  });
});
