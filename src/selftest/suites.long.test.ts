/** What suites conclude of known-answer models. All of it: `lintel selftest --suites`; here the part that differs most. */
import { describe, expect, it, test } from "vitest";
import { suiteNames, suiteOf } from "../audit/index.ts";
import { alike, expected, fits, knownModels, selftestSuites } from "./index.ts";

const named = (...names: string[]) => knownModels.filter(({ name }) => names.includes(name));
const wrong = (rows: Awaited<ReturnType<typeof selftestSuites>>["rows"]) =>
  rows.filter(({ passed }) => !passed).map(({ model, suite, found }) => `${model} ${suite}: ${found}`);

describe("the table", () => {
  it("has every model and suite, in words that the suite has", () => {
    expect(Object.keys(expected)).toEqual(knownModels.map(({ name }) => name));
    for (const [model, row] of Object.entries(expected)) {
      expect(Object.keys(row).sort(), model).toEqual([...suiteNames].sort());
      for (const name of suiteNames) {
        const { conclusion, from, why } = row[name];
        expect(["inconclusive", ...Object.keys(suiteOf(name).conclusions)]).toContain(conclusion);
        expect(from === null, `${model} ${name}`).toBe(why !== undefined);
      }
    }
  });

  it("says of every pair of models that a suite calls by one name why it does", () => {
    for (const suite of suiteNames) {
      const groups = new Map<string, string[]>();
      for (const [model, row] of Object.entries(expected)) {
        // What is open at every number tried is no name.
        const name = row[suite].from === null ? "inconclusive" : row[suite].conclusion;
        groups.set(name, [...(groups.get(name) ?? []), model]);
      }
      const said = alike[suite].flatMap(({ models }) => models.slice(1).map((m) => `${models[0]} ${m}`));
      const are = [...groups.values()].flatMap((models) => models.slice(1).map((m) => `${models[0]} ${m}`));
      expect(
        are.filter((pair) => !said.includes(pair)),
        suite,
      ).toEqual([]);
    }
  });

  it("tells every two models apart by one suite or another, but for those that differ in their data only", () => {
    const signature = (row: (typeof expected)[string]) =>
      suiteNames.map((suite) => row[suite].conclusion).join();
    const all = Object.entries(expected).map(([model, row]) => [signature(row), model] as const);
    const twins = all.filter(([one]) => all.filter(([other]) => other === one).length > 1);
    expect(twins.map(([, model]) => model)).toEqual([
      "reads-latents",
      "sees-no-latents",
      "ignores-oracle",
      "partly",
    ]);
  });
});

test("suites that replace, where something must be shown not to change", async () => {
  const { rows } = await selftestSuites({
    models: named("sees-no-latents", "half", "presence", "norm", "starved"),
    suites: ["viveiros", "trt", "markers", "mediation", "knockout", "dose"],
    sizes: [200],
  });
  expect(wrong(rows)).toEqual([]);
  expect(rows).toHaveLength(30);
  expect(rows.filter(({ found }) => found === "inconclusive").map((r) => `${r.model} ${r.suite}`)).toEqual([
    "norm viveiros",
    "norm trt",
    "starved viveiros",
    "starved trt",
    "starved markers",
  ]);
}, 400_000);

test("every suite, with few examples: never wrong", async () => {
  const { rows, passed } = await selftestSuites({
    models: named("first-slot", "private-code"),
    sizes: [60],
    seed: 3,
  });
  expect(wrong(rows)).toEqual([]);
  expect(passed).toBe(true);
  const said = (suite: string) => rows.find((r) => r.model === "first-slot" && r.suite === suite)!.found;
  expect([said("gradient"), said("prism"), said("full")]).toEqual(["one slot", "read", "inconclusive"]);
}, 400_000);

test("a model that is not what is said of it is found out", async () => {
  const [reads, blind] = knownModels;
  const { rows, passed } = await selftestSuites({
    models: [{ ...reads!, layers: blind!.layers }],
    suites: ["trt", "mediation"],
    sizes: [200],
  });
  expect(passed).toBe(false);
  expect(wrong(rows)).toEqual(["reads-latents trt: no gain", "reads-latents mediation: unread"]);
});

test("what is open may stay so, and nothing else", () => {
  const open = { conclusion: "neither", from: null, why: "by luck" };
  expect(["neither", "inconclusive", "slots"].map((found) => fits(open, 600, found))).toEqual([
    true,
    true,
    false,
  ]);
});
