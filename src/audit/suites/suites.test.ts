import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { interventionNames, interventionOf, placesOf } from "../../reasoning/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { analyses } from "./analyses/index.ts";
import { shareOf } from "./analyses/shared/shares.ts";
import { suiteNames, suiteOf, suites } from "./index.ts";

const camel = (file: string): string =>
  file.replace(/\.ts$/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const filesIn = (folder: string, helpers: readonly string[]): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .filter(
      (file) =>
        file.endsWith(".ts") &&
        !file.endsWith(".test.ts") &&
        !file.endsWith(".fixture.ts") &&
        !helpers.includes(file),
    )
    .sort();

describe("registries", () => {
  it("hold every file of their folders", () => {
    const own = filesIn(".", [
      ...["index.ts", "registry.ts", "run.ts", "analysis.ts", "analysis-records.ts", "suite.ts"],
      ...["evidence.ts", "diagnosis.ts", "controls.ts", "control-answers.ts"],
    ]);
    expect([...own.map((file) => file.replace(/\.ts$/, "")), "full"].sort()).toEqual([...suiteNames].sort());
    const folders = ["images", "layers", "regions", "replies"].flatMap((folder) =>
      filesIn(`analyses/${folder}`, []),
    );
    const parts = [...filesIn("analyses", ["index.ts"]), ...folders];
    expect(parts.map(camel).sort()).toEqual(Object.keys(analyses).sort());
  });

  it("name interventions that there are, own first, and full is all of them", () => {
    for (const name of suiteNames) {
      const { interventions } = suiteOf(name);
      expect(interventions[0], name).toBe("own");
      expect(interventions.map((text) => interventionOf(text).name)).toEqual(interventions);
      for (const each of interventions) expect(suites.full.interventions).toContain(each);
      for (const each of suiteOf(name).analyses) expect(suites.full.analyses).toContain(each);
    }
  });

  it("are described where users look", () => {
    const page = readFileSync(new URL("../../../docs/interventions.md", import.meta.url), "utf8");
    for (const name of interventionNames) expect(page, name).toMatch(new RegExp(`\\| \`${name}[(\`]`));
    for (const name of suiteNames) expect(page, name).toContain(`| \`${name}\` |`);
    for (const name of Object.keys(analyses)) expect(page, name).toContain(`\`${name}\``);
  });

  it("describe every conclusion of a suite where users look", () => {
    const page = readFileSync(new URL("../../../docs/interventions.md", import.meta.url), "utf8");
    for (const name of suiteNames.filter((each) => each !== "knockout"))
      for (const [conclusion, meaning] of Object.entries(suiteOf(name).conclusions))
        expect(page, name).toContain(`| \`${name}\` | ${conclusion} | ${meaning} |`);
  });

  it("refuse unknown suites with the nearest", () => {
    expect(() => suiteOf("marker")).toThrow(/Did you mean "markers"/);
    expect(() => suiteOf("toString")).toThrow(/toString/);
  });
});

describe("shares of a gain", () => {
  const outcome = (right: boolean): Outcome => ({
    text: "",
    choice: right ? 0 : 1,
    optionLogProbabilities: null,
    blocks: 1,
    steps: 1,
    endings: ["count"],
  });
  /** Right answers among 100 under each name, the same examples first. */
  const planted = (rates: Record<string, number>, n = 100): ExampleOutcomes[] =>
    Array.from({ length: n }, (_, i) => ({
      example: String(i).padStart(3, "0"),
      answer: 0,
      options: ["a", "b"],
      outcomes: Object.fromEntries(Object.entries(rates).map(([name, right]) => [name, outcome(i < right)])),
    }));

  it("are what they are by hand, with an interval around them", () => {
    const found = shareOf(planted({ own: 90, skip: 60, "no-markers": 40 }), "skip", "no-markers", "own", 0);
    expect(found.value).toBeCloseTo(20 / 50, 12);
    expect(found.interval![0]).toBeLessThan(0.4);
    expect(found.interval![1]).toBeGreaterThan(0.4);
    expect(found.n).toBe(100);
  });

  it("are certain where every example says the same, and nothing where there is no gain", () => {
    expect(shareOf(planted({ own: 100, skip: 100, base: 0 }), "skip", "base", "own", 0)).toMatchObject({
      value: 1,
      interval: null,
    });
    for (const rates of [
      { own: 50, skip: 20, base: 50 },
      { own: 51, skip: 20, base: 50 },
    ])
      expect(shareOf(planted(rates), "skip", "base", "own", 0)).toMatchObject({
        value: null,
        interval: null,
        reason: expect.stringMatching(/cannot be told apart/),
      });
    expect(shareOf(planted({ own: 1, skip: 1, base: 0 }, 1), "skip", "base", "own", 0).reason).toMatch(
      /1 examples/,
    );
    expect(shareOf(planted({ own: 1 }), "skip", "base", "own", 0)).toMatchObject({ value: null, n: 0 });
  });
});

it("places of prefix and continuation are told apart", () => {
  const rules = { startId: 7, endId: 9 };
  const found = placesOf(
    6,
    { first: 1, end: 5, images: [2] },
    { ids: [7, 8, 8, 9, 1], slots: [1, 2] },
    rules,
  );
  expect(found).toEqual([
    ...[null, "question", "image", "question", "question", "text"],
    ...["markers", "slots", "slots", "markers", "text"],
  ]);
});
