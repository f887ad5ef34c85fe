/** `lintel audit --slice`, as users run it, and what the explorer shows of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditResult, ExampleOutcomes } from "../../src/audit/index.ts";
import { openContents } from "../../src/explorer/index.ts";
import { writeKnown } from "../cli/known.ts";
import { start } from "../cli/run.ts";
import { onStage } from "./browser.fixture.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-slices-"));
const at = (...path: string[]): string => join(scratch, ...path);
const audit = (...words: string[]) =>
  start([
    "audit",
    ...["--model", at("model"), "--data", at("data"), "--out", at("audit")],
    ...["--interventions", "own,oracle,zeros", ...words],
  ]).ended;
const result = (): AuditResult => JSON.parse(readFileSync(at("audit", "audit.json"), "utf8"));
let ids: string[];
let text = "";

beforeAll(async () => {
  await writeKnown(scratch);
  ids = Array.from({ length: 8 }, (_, i) => `known-${String(i).padStart(6, "0")}`);
  writeFileSync(at("all.txt"), ids.join("\n"));
  // As the explorer writes a list, with one example that this audit does not have.
  writeFileSync(at("hard.txt"), `${[...ids.slice(0, 3), "known-999999"].join("\n")}\n`);
  writeFileSync(at("easy.txt"), ids.slice(3).join("\r\n"));
  const { code, out, err } = await audit(
    "--slice",
    ["all", "hard", "easy"].map((n) => at(`${n}.txt`)).join(),
  );
  expect(code, err).toBe(0);
  text = out;
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

describe("lintel audit --slice", () => {
  it("reports each list as the audit reports all of its examples", () => {
    const { namedSlices, interventions, comparisons, n } = result();
    expect(Object.keys(namedSlices!)).toEqual(["all", "hard", "easy"]);
    const { all, hard, easy } = namedSlices!;
    // A slice of everything is the audit.
    expect(all!.n).toBe(n);
    expect(all!.comparisons).toEqual(comparisons);
    for (const [name, { accuracy }] of Object.entries(interventions))
      expect(all!.interventions[name]).toEqual({ n, accuracy });
    // Two parts of it add up.
    expect([hard!.n, hard!.missing, easy!.n, easy!.missing]).toEqual([3, 1, 5, 0]);
    for (const name of Object.keys(interventions)) {
      const right = [hard!, easy!].map((slice) => slice.interventions[name]!.accuracy * slice.n);
      expect(right[0]! + right[1]!).toBeCloseTo(interventions[name]!.accuracy! * n, 9);
    }
  });

  it("counts right answers of the journal", () => {
    const lines = readFileSync(at("audit", "outcomes.jsonl"), "utf8").trim().split("\n");
    const outcomes = lines.map((line) => JSON.parse(line) as ExampleOutcomes);
    const some = outcomes.filter(({ example }) => ids.slice(0, 3).includes(example));
    const right = some.filter(({ answer, outcomes: { zeros } }) => zeros!.choice === answer).length;
    expect(result().namedSlices!.hard!.interventions.zeros!.accuracy).toBe(right / 3);
  });

  it("says so on the terminal and in the report", () => {
    expect(text).toMatch(/slice hard: 3 examples; 1 more are not in this audit/);
    expect(readFileSync(at("audit", "report.html"), "utf8")).toContain("<h2>Named slices</h2>");
  });

  it("takes other slices of an audit that is finished, and refuses lists of other splits", async () => {
    const before = readFileSync(at("audit", "outcomes.jsonl"), "utf8");
    writeFileSync(at("none.txt"), "elsewhere-1\n");
    const { code, err } = await audit("--slice", at("none.txt"));
    expect([code, err]).toEqual([1, expect.stringMatching(/slice none: expected examples of this audit/)]);
    const missing = await audit("--slice", at("no.txt"));
    expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/no\.txt.* no such file/s)]);
    expect(readFileSync(at("audit", "outcomes.jsonl"), "utf8")).toBe(before);
  }, 120_000);
});

describe.runIf(process.env.LINTEL_EXPLORER)("slices in the overview", () => {
  const ui = onStage("overview-slices", () => openContents([at("audit")], { data: at("data") }));

  it("are tables with the numbers of audit.json", async () => {
    const { page, faults } = ui;
    await ui.open("overview?a=0");
    await page.locator(".named-slice").first().waitFor();
    const { namedSlices } = result();
    for (const [i, [name, slice]] of Object.entries(namedSlices!).entries()) {
      const part = page.locator(".named-slice").nth(i);
      expect(await part.locator("h3").textContent()).toBe(`${name} ${slice.n} questions`);
      const shown = await part
        .locator("tbody tr")
        .evaluateAll((rows) =>
          rows.map((row) => [
            row.querySelector("th")!.textContent!.trim(),
            Number(row.querySelector("data")!.value),
          ]),
        );
      expect(Object.fromEntries(shown)).toEqual(
        Object.fromEntries(Object.entries(slice.interventions).map(([key, { accuracy }]) => [key, accuracy])),
      );
      expect(await part.getByText("1 question of the list is not in this audit").count()).toBe(slice.missing);
    }
    expect(faults).toEqual([]);
  }, 120_000);
});
