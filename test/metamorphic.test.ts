/** A metamorphic relation for every intervention and analysis of the registries: what must stay as it is where something else changes. */
import { beforeAll, describe, expect, it } from "vitest";
import { type AuditResult, auditLoaded, suites } from "../src/audit/index.ts";
import {
  type Intervention,
  interventionNames,
  interventions,
  parseInterventions,
} from "../src/reasoning/index.ts";
import { editedExamples } from "../src/selftest/examples.ts";
import { edited, type KnownModel, knownModels } from "../src/selftest/index.ts";
import { eachKnownModel } from "../src/selftest/run.ts";
import type { Example } from "../src/tasks/index.ts";

const N = 16;
const examples = editedExamples(N, edited.clear, 0);
const modelNamed = (name: string) => knownModels.find((model) => model.name === name)!;

const definitions = parseInterventions(
  {
    interventions: {
      "zeros-2": { use: "zeros", slots: [2] },
      "zeros-noise": { parts: [{ use: "zeros" }, { use: "noise" }] },
      "noise-zeros": { parts: [{ use: "noise" }, { use: "zeros" }] },
      "zeros-norm": { parts: [{ use: "zeros" }, { use: "norm-matched" }] },
      "zeros-markers": { parts: [{ use: "zeros" }, { use: "marker-repeat" }] },
    },
  },
  "test",
);

async function audited(model: KnownModel, names: readonly string[], of: readonly Example[] = examples) {
  let result: AuditResult | undefined;
  await eachKnownModel({ models: [model], sizes: [of.length] }, async (loaded) => {
    const interventions = { names: [...names, ...Object.keys(definitions)], definitions };
    result = await auditLoaded(loaded, { examples: [...of] }, { interventions });
  });
  return result!;
}

type Pair = readonly [one: string, other: string];
const asOwn = (...names: string[]): Pair[] => names.map((name) => [name, "own"]);

/** Nothing is changed, or the same in two ways. */
const alike: readonly Pair[] = [
  ...asOwn("sham", "blend(0)", "jitter(0)", "noise-added(0)", "truncate(2)", "own-steps(2)"),
  ...asOwn("adversarial(0)", "random-direction(0)", "optimized(0)", "knockout(nothing)", "own@visible"),
  ...asOwn(
    "noisy-image(0)",
    "blurred-image(0)",
    "cropped-image(0)",
    "rotated-image(0)",
    "brightened-image(0)",
  ),
  ["blend(1)", "oracle"],
  ["oracle-budget(2)", "oracle"],
  ["truncate(0)", "skip"],
  ["own-steps(0)", "skip"],
  ["propagated(zeros, 2)", "zeros-2"],
  ["propagated(sham, 1)", "own"],
  ["zeros", "noise-zeros"],
  ["noise", "zeros-noise"],
  ["norm-matched", "zeros-norm"],
  ["marker-repeat", "zeros-markers"],
];

/** Where own latents are one vector in every example and slot, those of others and their means are own latents. */
const ofOneVector = asOwn(
  ...[
    "mean",
    "noise-matched",
    "optimized-noise(1)",
    "other-own",
    "donor",
    "exchange",
    "clamp",
    "shuffle",
    "first-repeat",
  ],
  ...["same-question", "matched-question", "question-mean", "question-residual"],
);

/** Where every picture is gray, and every helper is that picture. */
const ofOnePicture: readonly Pair[] = [
  ...asOwn("blank-image", "other-image"),
  ["other-oracle", "oracle"],
  ["mean-oracle", "oracle"],
  ["counterfactual", "oracle"],
  ["random-crop", "oracle"],
  ["helper-in-prompt(own)", "image-twice"],
];

/** Where the picture is read, the answer is the same whatever becomes of the block. */
const pastTheBlock = asOwn("filler", "slots-only", "no-markers", "matched-text");

const bare = (name: string): string => name.replace(/[(@].*/, "");
const namesOf = (pairs: readonly Pair[]): string[] =>
  [...new Set(pairs.flat())].filter((name) => !(name in definitions));

/** What the rows of two interventions must have in common. */
const figures = ({ interventions }: AuditResult, name: string) => {
  const { accuracy, answered, latentRate, n } = interventions[name]!;
  return { accuracy, answered, latentRate, n };
};
const divergence = ({ comparisons }: AuditResult, name: string) =>
  comparisons.find(({ intervention, reference }) => intervention === name && reference === "own");

/** Equal figures, and against own latents the same answers and option probabilities. */
function expectAlike(audit: AuditResult, pairs: readonly Pair[]): void {
  for (const [one, other] of pairs) {
    expect(audit.interventions[one], one).toBeDefined();
    // Not every example has an example that asks the same.
    if (one !== "same-question")
      expect(figures(audit, one), `${one} as ${other}`).toEqual(figures(audit, other));
    const [a, b] = [divergence(audit, one), divergence(audit, other)];
    expect(a!.agreement, `${one} as ${other}`).toBe(b?.agreement ?? 1);
    expect(a!.kl!, `${one} as ${other}`).toBeCloseTo(b?.kl ?? 0, 5);
  }
}

describe("interventions", () => {
  it("each is in a relation below", () => {
    const inputs = ["reshuffled", "caption-only", "helper-in-words", "drop-image"];
    const all = [...alike, ...ofOneVector, ...ofOnePicture, ...pastTheBlock].flat().map(bare);
    expect(interventionNames.filter((name) => !all.includes(name) && !inputs.includes(name))).toEqual([]);
  });

  it("of contents can all propagate", () => {
    const contents = interventionNames.filter((name) => {
      const { changesForm, search }: Intervention = interventions[name];
      return !changesForm && !search && name !== "own";
    });
    expect([...interventions.propagated.parameters!.content!.choices!].sort()).toEqual(contents.sort());
  });

  it("of no size, or the same thing said in two ways, are the same", async () => {
    expectAlike(await audited(edited, namesOf(alike)), alike);
  }, 120_000);

  it("of others' latents are own ones where all are one vector", async () => {
    expectAlike(await audited(modelNamed("collapsed"), namesOf(ofOneVector)), ofOneVector);
  }, 120_000);

  it("of other pictures and helpers are own ones where all are one picture", async () => {
    const { helpers } = examples[0]!;
    const gray = (await import("../src/formats/index.ts")).encodePng({
      width: 24,
      height: 12,
      pixels: new Uint8Array(24 * 12 * 3).fill(128),
    });
    expect(helpers).toHaveLength(1);
    const same = examples.map((example) => ({
      ...example,
      images: [gray],
      helpers: [gray],
      counterfactuals: example.counterfactuals.map((each) => each && [gray]),
    }));
    expectAlike(await audited(edited, namesOf(ofOnePicture), same), ofOnePicture);
  }, 120_000);

  it("of the block change no answer that is read from the picture", async () => {
    const audit = await audited(modelNamed("sees-no-latents"), namesOf(pastTheBlock));
    for (const [name] of pastTheBlock) expect(divergence(audit, name)!.agreement, name).toBe(1);
  }, 120_000);

  it("of the input are own latents on the input changed by hand; without images none is seen", async () => {
    const names = ["own", "caption-only", "helper-in-words(own)", "drop-image"];
    const audit = await audited(modelNamed("sees-no-latents"), names);
    const by = async (change: (example: Example) => Partial<Example>) =>
      figures(
        await audited(
          modelNamed("sees-no-latents"),
          ["own"],
          examples.map((e) => ({ ...e, ...change(e) })),
        ),
        "own",
      );
    const inWords = ({ question, caption }: Example) => ({
      question: question.replace("<image>", caption!),
      images: [],
    });
    expect(figures(audit, "caption-only")).toEqual(await by(inWords));
    const told = ({ question, helperText }: Example) => ({
      question: question.replace("<image>", `<image> ${helperText}`),
    });
    expect(figures(audit, "helper-in-words(own)")).toEqual(await by(told));
    // Pictures in another order are pictures that are not seen.
    const turned = examples.map((example, i) => ({ ...example, images: examples[N - 1 - i]!.images }));
    const other = await audited(modelNamed("sees-no-latents"), ["own", "drop-image"], turned);
    expect(figures(other, "drop-image")).toEqual(figures(audit, "drop-image"));
    expect(figures(other, "own")).not.toEqual(figures(audit, "own"));
  }, 120_000);
});

/** Numbers that depend on which partners were drawn, which goes by the order of the data: their relation is the second one. */
const drawn = ["latentsToAnswer", "sameQuestion", "layerPatching"];

describe("analyses", () => {
  const found: AuditResult[] = [];
  let collapsed: AuditResult | undefined;
  beforeAll(async () => {
    const request = { interventions: { suites: ["full"] } };
    for (const of of [examples, [...examples].reverse()])
      await eachKnownModel({ models: [edited], sizes: [N] }, async (loaded) => {
        found.push(await auditLoaded(loaded, { examples: [...of] }, request));
      });
    await eachKnownModel({ models: [modelNamed("collapsed")], sizes: [N] }, async (loaded) => {
      collapsed = await auditLoaded(loaded, { examples: [...examples] }, request);
    });
  }, 300_000);

  /** Numbers of a result by their places, without intervals, whose samples go by the order of the data. */
  function numbersOf(result: unknown, at = ""): [string, number][] {
    if (typeof result === "number") return [[at, result]];
    if (typeof result !== "object" || result === null) return [];
    return Object.entries(result).flatMap(([key, value]) =>
      /^(interval|other-(own|image|oracle)(@.*)?|exchange|donor|(same|matched)-question|question-residual|oracleUtility|gapClosed|p)$|^content$/.test(
        key,
      )
        ? []
        : numbersOf(value, `${at}/${key}`),
    );
  }

  it.each(suites.full.analyses.filter((name) => !drawn.includes(name)))(
    "%s does not change with the order of the examples",
    (name) => {
      const [one, other] = found.map((audit) => new Map(numbersOf(audit.suites!.full!.results[name]))) as [
        Map<string, number>,
        Map<string, number>,
      ];
      expect(one.size).toBeGreaterThan(0);
      expect([...other.keys()].sort()).toEqual([...one.keys()].sort());
      for (const [place, value] of one) expect(other.get(place), `${name}${place}`).toBeCloseTo(value, 4);
    },
  );

  it("latents of others change nothing where all are one vector", () => {
    // biome-ignore lint/suspicious/noExplicitAny: results of suites have no common form.
    const of = (name: string) => collapsed!.suites!.full!.results[name] as any;
    expect(of("latentsToAnswer").donorAnswerLift.value).toBeCloseTo(0, 6);
    expect(of("sameQuestion")["lift over own"].difference).toBe(0);
    expect(of("layerPatching").change?.value ?? 0).toBeCloseTo(0, 6);
    expect(drawn.every((name) => of(name) !== undefined)).toBe(true);
  });
});
