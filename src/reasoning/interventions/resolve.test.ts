import { describe, expect, it } from "vitest";
import { blockRules } from "../../families/index.ts";
import { random } from "../../util/index.ts";
import { splitStatistics } from "../split-statistics.ts";
import * as attention from "./attention.ts";
import * as augment from "./augment.ts";
import { parseInterventions } from "./file.ts";
import * as gradient from "./gradient.ts";
import * as input from "./input.ts";
import * as mix from "./mix.ts";
import { propagated } from "./propagated.ts";
import { defaultInterventions, interventions } from "./registry.ts";
import * as replace from "./replace.ts";
import { interventionOf, withValues } from "./resolve.ts";
import * as structure from "./structure.ts";
import { type Intervention, interventionRoles, type PlanContext } from "./types.ts";

const refused = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect((error as { code: string }).code).toBe("usage");
    return (error as Error).message;
  }
  throw new Error("nothing was refused");
};

describe("names with values", () => {
  it("are read in both forms, and called by one", () => {
    for (const text of ["blend(0.5)", "blend(a=0.5)", " blend( a = .50 ) "])
      expect(interventionOf(text)).toMatchObject({ name: "blend(0.5)", base: "blend", values: { a: 0.5 } });
    expect(interventionOf("knockout(image)").values).toEqual({ part: "image" });
    expect(interventionOf("zeros()").name).toBe("zeros");
  });

  it.each([
    ["blend", /expected a value of a .*\. Try blend\(0.5\)/],
    ["blend(2)", /from 0 to 1, got 2/],
    ["blend(x)", /got x/],
    ["blend()", /got/],
    ["blend(0.1, 0.2)", /each once, got 2 values/],
    ["blend(a=1,a=1)", /each once/],
    ["blend(b=0.5)", /intervention blend: unknown parameter "b"\./],
    ["jitter(-1)", /a number of at least 0, got -1/],
    ["truncate(1.5)", /an integer of at least 0/],
    ["knockout(slot)", /Did you mean "slots"/],
    ["zeros(1)", /it has no parameters/],
    ["jiter(1)", /Did you mean "jitter"/],
    ["blend(0.5", /Unknown intervention "blend\(0.5"/],
    ["constructor", /Unknown intervention "constructor"/],
  ])("%s is refused with what would be right", (text, message) => {
    expect(refused(() => interventionOf(text))).toMatch(message);
  });

  it("draw the same random numbers whatever the value: curves move along one ray", () => {
    expect(interventionOf("jitter(0.1)").base).toBe(interventionOf("jitter(3)").base);
  });
});

describe("the registry", () => {
  it("contains every record of the theme files", () => {
    const records = [attention, augment, gradient, input, mix, replace, structure].flatMap((theme) =>
      Object.values(theme).filter((each) => typeof each === "object"),
    );
    expect(new Set(Object.values(interventions))).toEqual(new Set([...records, propagated]));
  });

  it.each(Object.entries<Intervention>(interventions))(
    "describes %s in one sentence, with role and source",
    (_, record) => {
      expect(record.description).toMatch(/^[A-Z][^\n]*\.$/);
      expect(interventionRoles).toContain(record.role);
      expect(record.source).toMatch(/\S/);
      for (const parameter of Object.values(record.parameters ?? {})) {
        expect(parameter.description).toMatch(/\S/);
        expect(parameter.choices ?? parameter.min).toBeDefined();
      }
      const contentFree = ["content-free control", "in-distribution control"].includes(record.role);
      expect(record.phrase === undefined).toBe(!contentFree);
    },
  );

  it("keeps the default set as it was: studies rest on it", () => {
    expect(defaultInterventions).toEqual([
      ..."own oracle zeros noise noise-matched mean mean-oracle shuffle other-own other-oracle".split(" "),
      ..."random-crop counterfactual skip".split(" "),
    ]);
  });
});

describe("a file of interventions", () => {
  const [K, D] = [4, 2];
  const z = (start: number) => Float32Array.from({ length: K * D }, (_, i) => start + i);
  const context = (own: Float32Array[]): PlanContext => ({
    example: {
      id: "1",
      question: "",
      images: [],
      options: [],
      answer: 0,
      helpers: [],
      counterfactuals: [],
      attributes: {},
    },
    index: 0,
    k: K,
    width: D,
    rules: blockRules({ startId: 1, padId: 2, endId: 3, k: K }),
    random: random(0, "whatever"),
    randomOf: (name) => random(0, name, "1"),
    own,
    oracle: [z(100)],
    oracleOf: () => [z(100)],
    counterfactual: [],
    split: splitStatistics(
      [own, [z(50), z(60)]],
      [[], []],
      0,
      ["a", "b"].map((option) => ({ option, words: option })),
      D,
    ),
    crop: null,
    pad: new Float32Array(D),
    filler: new Float32Array(D),
    searched: new Map(),
  });
  const planned = (definition: unknown, own = [z(0), z(10)]) => {
    const made = parseInterventions({ interventions: { mine: definition } }, "mine.json").get("mine")!;
    const plan = made.plan(context(own))?.plan;
    return { made, blocks: plan?.kind === "fixed" ? plan.blocks.map((b) => [...b]) : (plan ?? null) };
  };

  it("names an intervention with its values; it is then what it is under its own name", () => {
    const { made, blocks } = planned({ use: "jitter", with: { s: 0.5 } });
    expect(made.name).toBe("mine");
    const direct = interventionOf("jitter(0.5)").plan({
      ...context([z(0), z(10)]),
      random: random(0, "jitter", "1"),
    })!;
    expect(blocks).toEqual(direct.plan.kind === "fixed" && direct.plan.blocks.map((b) => [...b]));
  });

  it("restricts it to slots and blocks, the others keeping own latents", () => {
    const { blocks, made } = planned({ use: "zeros", slots: [2, 4], blocks: [2] });
    expect(blocks).toEqual([[...z(0)], [10, 11, 0, 0, 14, 15, 0, 0]]);
    expect(made.lastSlot).toBe(4);
    expect(planned({ use: "own", slots: [1] }).blocks).toEqual([[...z(0)], [...z(10)]]);
    expect(planned({ use: "zeros", slots: [1] }, []).blocks).toBeNull();
  });

  it("combines parts in their order", () => {
    const { blocks, made } = planned({
      description: "oracle first, nothing last",
      parts: [
        { use: "oracle", slots: [1, 2] },
        { use: "zeros", slots: [2] },
      ],
    });
    expect(blocks).toEqual([
      [100, 101, 0, 0, 4, 5, 6, 7],
      [100, 101, 0, 0, 14, 15, 16, 17],
    ]);
    expect(made).toMatchObject({ description: "oracle first, nothing last" });
    expect(made.needs).toEqual(expect.arrayContaining(["split", "oracle"]));
  });

  it.each([
    [{ use: "jiter", with: { s: 1 } }, /Did you mean "jitter"/],
    [{ use: "jitter", with: { sigma: 1 } }, /unknown parameter "sigma"\. Choose one of: s\./],
    [{ use: "jitter" }, /a value of s/],
    [{ use: "zeros", slot: [1] }, /slot/],
    [{ use: "zeros", slots: [0] }, /slots/],
    [{ use: "zeros", slots: [] }, /slots/],
    [{ parts: [] }, /parts/],
    [{ parts: [{ use: "skip" }, { use: "zeros" }] }, /skip, which changes markers/],
    [{ use: "knockout", with: { part: "slots" }, slots: [1] }, /knockout\(slots\), which changes/],
  ])("%j is refused", (definition, message) => {
    expect(refused(() => planned(definition))).toMatch(message);
  });

  it("cannot take a name of Lintel's, nor be another thing", () => {
    expect(
      refused(() => parseInterventions({ interventions: { zeros: { use: "noise" } } }, "f.json")),
    ).toMatch(/a name that Lintel does not use/);
    expect(refused(() => parseInterventions({ intervention: {} }, "f.json"))).toMatch(/f.json.*intervention/);
    expect(refused(() => parseInterventions([], "f.json"))).toMatch(/f.json/);
    expect(withValues("blend", { a: 0.5 }).name).toBe("blend(0.5)");
  });
});
