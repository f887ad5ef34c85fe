import { describe, expect, test } from "vitest";
import { dummies, type Plant, plant } from "../../../test/support/planted.ts";
import { type AuditResult, type ExampleOutcomes, type Latents, summarize } from "../../audit/index.ts";
import type { State } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { type CellResult, findingSchema } from "../results.ts";
import { type FindingId, findingRules, findings } from "./index.ts";

/** Own latents nearly one direction, oracles all different. */
function collapsed(n: number, seed: number): Latents {
  const source = random(seed, "collapsed");
  const draw = (centre: number, spread: number): Float32Array =>
    Float32Array.from({ length: n * 16 }, () => centre + spread * source.normal());
  const examples = Array.from({ length: n }, (_, i) => String(i).padStart(6, "0"));
  const all = new Uint8Array(n).fill(1);
  return {
    examples,
    slots: 1,
    width: 16,
    own: draw(1, 0.3),
    oracle: draw(0, 1),
    hasOwn: all,
    hasOracle: all,
  };
}

/** Adds a counterfactual whose target is followed by a share of the examples. */
function steered(outcomes: ExampleOutcomes[], following: number): ExampleOutcomes[] {
  return outcomes.map((example, i) => {
    const target = (example.answer + 2) % 4;
    const choice = i < following * outcomes.length ? target : example.answer;
    const counterfactual = { ...example.outcomes.oracle!, choice, text: "abcd"[choice]!, target };
    return { ...example, outcomes: { ...example.outcomes, counterfactual } };
  });
}

function cell(task: string, recipe: string, seed: number, audits: AuditResult[]): CellResult {
  const training = { parameters: 1, steps: 1, examples: 1, seconds: 1, examplesPerSecond: 1 };
  return { id: `${task}/${recipe}/${seed}`, task, recipe, seed, training, audits };
}

const made = new Map<string, AuditResult>();
/** The audit of planted outcomes, made once and copied: worlds differ in few of their cells. */
function audited(
  given: Plant,
  following: number | null,
  options: Parameters<typeof summarize>[2],
): AuditResult {
  const key = JSON.stringify([given, following, options]);
  if (!made.has(key)) {
    const [outcomes, latents] =
      following === null
        ? [plant(given), null]
        : [steered(plant(given), following), collapsed(given.n, given.seed)];
    made.set(key, summarize(outcomes, latents, options));
  }
  return structuredClone(made.get(key)!);
}

interface World {
  tetris?: Record<string, number>;
  text?: number;
  following?: number;
  clear?: Record<string, number>;
  hidden?: Record<string, number>;
  masked?: Record<string, number>;
  n?: number;
}

/** The cells of one seed of a run in which everything is as the paper found it, unless told otherwise. */
function run(seed: number, world: World = {}): CellResult[] {
  const n = world.n ?? 600;
  const {
    tetris = { own: 0.28, oracle: 0.95, ...dummies(0.26) },
    text = 0.26,
    following = 0.9,
    clear = { own: 0.99, oracle: 0.99, ...dummies(0.99) },
    hidden = { own: 0.25, oracle: 0.25, ...dummies(0.25) },
    masked = { own: 0.25, oracle: 0.9, ...dummies(0.26) },
  } = world;
  const audit = (
    rates: Record<string, number>,
    shared: number,
    options: Parameters<typeof summarize>[2] = { split: "eval" },
  ): AuditResult => audited({ n, seed, rates, shared }, null, options);
  return [
    cell("tetris", "joint", seed, [
      audited({ n, seed, rates: tetris, shared: 0.5 }, following, { split: "eval" }),
    ]),
    cell("tetris", "text", seed, [audit({ own: text }, 0.5)]),
    cell("crop", "joint", seed, [
      audit(masked, 0.5, { split: "eval", task: "crop-masked" }),
      audit(clear, 0.99),
      audit(hidden, 0.99, { split: "masked", task: "crop-masked" }),
    ]),
    cell("crop-masked", "joint", seed, [audit(masked, 0.5)]),
  ];
}

const stateIn = (cells: readonly CellResult[]): Record<FindingId, State> =>
  Object.fromEntries(findings(cells).map((finding) => [finding.id, finding.state])) as Record<
    FindingId,
    State
  >;

describe("a run as the paper found it", () => {
  const found = findings([...run(1), ...run(0)]);
  test("every finding holds, for every seed, with evidence in figures", () => {
    expect(found.map(({ id }) => id)).toEqual(["F1", "F2", "F3", "F4", "F5", "F6", "F7"]);
    for (const finding of found) {
      expect(finding.state, `${finding.id}: ${finding.evidence}`).toBe("holds");
      expect(finding.holds).toBe(true);
      expect(findingSchema.parse(finding)).toEqual(finding);
      expect(finding.evidence).toMatch(/^Holds for 2 of 2 seeds\. Seed 0: .*n = 600|of 600 examples/);
      expect(finding.seeds!.map(({ seed }) => seed)).toEqual([0, 1]);
      expect(finding.source).toContain("2605.18445");
    }
  });
  test("one seed: its evidence as it stands", () => {
    const [first] = findings(run(0));
    expect(first!.evidence).toMatch(
      /^All 5 content-free controls are within ±2\.0 points of own; the least certain: /,
    );
  });
});

describe("a run that refutes it", () => {
  const refuting: [FindingId, World][] = [
    ["F1", { clear: { own: 0.99, oracle: 0.99, ...dummies(0.99), mean: 0.9 } }],
    ["F2", { clear: { own: 0.9, oracle: 0.99, ...dummies(0.9) } }],
    ["F3", { masked: { own: 0.3, oracle: 0.3, ...dummies(0.3), zeros: 0.45 } }],
    ["F4", { tetris: { own: 0.28, oracle: 0.7, ...dummies(0.26) } }],
    ["F4", { tetris: { own: 0.28, oracle: 0.95, ...dummies(0.26), zeros: 0.45 } }],
    ["F4", { text: 0.99 }],
    ["F5", { tetris: { own: 0.99, oracle: 0.9, ...dummies(0.26) } }],
    ["F6", { following: 0.27 }],
    ["F6", { following: 0.4 }],
    ["F7", { hidden: { own: 0.25, oracle: 0.6, ...dummies(0.25) } }],
  ];
  for (const [id, world] of refuting)
    test(`${id}: ${JSON.stringify(world)}`, () => {
      expect(stateIn(run(0, world))[id]).toBe("refuted");
      const both = findings([...run(0), ...run(1, world)]).find((finding) => finding.id === id)!;
      expect([both.state, both.holds]).toEqual(["refuted", false]);
    });
  const open: [FindingId, World][] = [
    ["F3", { masked: { own: 0.3, oracle: 0.3, ...dummies(0.3) } }],
    ["F4", { text: 0.94 }],
    ["F5", { tetris: { own: 0.94, oracle: 0.94, ...dummies(0.26) } }],
    ["F4", { tetris: { own: 0.28, oracle: 0.95, ...dummies(0.26), zeros: 0.35 } }],
    ["F6", { following: 0.5 }],
  ];
  for (const [id, world] of open)
    test(`${id} is neither shown nor refuted: ${JSON.stringify(world)}`, () => {
      const found = findings(run(0, world)).find((finding) => finding.id === id)!;
      expect([found.state, found.holds]).toEqual(["undecided", null]);
    });
  test("too few examples to show an equivalence leave it undecided, and the words do not claim one", () => {
    const few = findings(run(0, { n: 60 }));
    for (const id of ["F1", "F2", "F7"]) {
      const { state, holds, evidence } = few.find((finding) => finding.id === id)!;
      expect([state, holds]).toEqual(["undecided", null]);
      expect(evidence).toContain("not shown");
      expect(evidence).not.toMatch(/no effect|unaffected|unchanged|no difference/);
    }
  });
  test("F5 needs collapse and failing retrieval, not only accuracy", () => {
    const cells = run(0);
    const { geometry } = cells[0]!.audits[0]!;
    geometry.ownOracle.r1 = 0.5;
    expect(stateIn(cells).F5).toBe("refuted");
    geometry.ownOracle.r1 = 0.03;
    geometry.own.pairwiseCosine = -0.1;
    expect(stateIn(cells).F5).toBe("refuted");
    geometry.own.pairwiseCosine = geometry.oracle.pairwiseCosine! + 0.01;
    expect(stateIn(cells).F5).toBe("undecided");
    geometry.own.pairwiseCosine = 0.9;
    expect(stateIn(cells).F5).toBe("holds");
    geometry.ownOracle.gallery = 1000;
    expect(stateIn(cells).F5).toBe("not run");
  });
});

describe("a run that lacks something", () => {
  test("no cells, missing cells, missing audits, missing interventions: not run, and evidence says what", () => {
    expect(findings([]).map(({ state, holds }) => [state, holds])).toEqual(
      Array.from({ length: 7 }, () => ["not run", null]),
    );
    expect(findings([]).every(({ evidence }) => evidence.includes("no cells"))).toBe(true);
    const evidence = (cells: readonly CellResult[], id: FindingId): string => {
      const finding = findings(cells).find((each) => each.id === id)!;
      expect([finding.state, finding.holds]).toEqual(["not run", null]);
      return finding.evidence;
    };
    const without = (task: string, recipe: string): CellResult[] =>
      run(0).filter((each) => each.task !== task || each.recipe !== recipe);
    expect(evidence(without("crop", "joint"), "F1")).toBe("The run lacks a cell crop/joint.");
    expect(evidence(without("tetris", "text"), "F4")).toBe("The run lacks a cell tetris/text.");
    const clear = run(0).map((each) => ({
      ...each,
      audits: each.audits.filter(({ split }) => split !== "masked"),
    }));
    expect(evidence(clear, "F7")).toContain('an audit of crop/joint on split "masked"');
    const { zeros: _, ...rest } = dummies(0.26);
    const tetris = { own: 0.28, oracle: 0.95, ...rest };
    expect(evidence(run(0, { tetris }), "F4")).toContain('intervention "zeros"');
    expect(evidence(run(0, { masked: { ...tetris } }), "F3")).toContain('"zeros" with "oracle"');
  });
  test("a seed that lacks it leaves the whole undecided, unless another refutes it", () => {
    const lacking = run(1).filter(({ task }) => task !== "tetris");
    expect(stateIn([...run(0), ...lacking])).toMatchObject({ F1: "holds", F4: "not run", F6: "not run" });
    expect(stateIn([...run(0, { text: 0.99 }), ...lacking]).F4).toBe("refuted");
  });
  test("latents that could not be measured: null with the reason", () => {
    const cells = run(0);
    const { ownOracle } = cells[0]!.audits[0]!.geometry;
    ownOracle.r1 = null;
    ownOracle.reasons = { r1: "1 of 600 vectors is not finite" };
    const finding = findings(cells).find(({ id }) => id === "F5")!;
    expect(finding).toMatchObject({ state: "not run", holds: null });
    expect(finding.evidence).toBe("The run lacks own retrieval@1 (1 of 600 vectors is not finite).");
  });
  test("an equivalence at a wider margin does not count", () => {
    const cells = run(0);
    for (const row of cells[2]!.audits[1]!.comparisons) row.margin = 0.05;
    expect(stateIn(cells)).toMatchObject({ F1: "not run", F2: "not run", F7: "holds" });
  });
  test("answers that cannot be read neither show a claim nor refute it", () => {
    const cells = run(0);
    for (const { audits } of cells) for (const { interventions } of audits) interventions.own!.answered = 0;
    const found = findings(cells);
    // F3 and F6 are about oracle and counterfactual latents alone, whose answers can be read here.
    const ofOwn = found.filter(({ id }) => id !== "F3" && id !== "F6");
    expect(ofOwn.map(({ state }) => state)).not.toContain("holds");
    expect(found[0]!.state).toBe("undecided");
    expect(found[0]!.evidence).toMatch(/^Of the answers under own latents on eval only 0\.0 % can be read/);
  });
});

test("F6: who leaves out the odd option follows a third of the time, which is its chance", () => {
  const few = run(0, { following: 0.55 });
  expect(stateIn(few).F6).toBe("holds");
  const odd = few.map((each) => ({
    ...each,
    audits: each.audits.map((audit) => {
      const counterfactual = audit.interventions.counterfactual;
      if (!counterfactual) return audit;
      return {
        ...audit,
        interventions: {
          ...audit.interventions,
          counterfactual: { ...counterfactual, followingChance: 1 / 3 },
        },
      };
    }),
  }));
  const f6 = findings(odd).find(({ id }) => id === "F6")!;
  expect(f6.state).toBe("refuted");
  expect(f6.evidence).toContain("chance 33.3 %");
});

test("a finding that fails for another reason than a lack is an error, not a null", () => {
  const broken = { ...run(0)[0]!, audits: null as unknown as AuditResult[] };
  expect(() => findingRules.F5.judge([broken])).toThrow(TypeError);
});
