import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Budget, readInterventions } from "../audit/index.ts";
import { budgetOptions, budgetText } from "./budget-text.ts";
import { namesWithValues } from "./options.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-it's here-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const budget = (over: Partial<Budget>): Budget => ({
  minutes: 10,
  requested: { interventions: [], definitions: {} },
  ...{ suites: [], interventions: ["own"], verdict: 1, seconds: 1, chosen: [], left: [] },
  ...over,
});
/** The arguments that a shell makes of a line. */
const pasted = (line: string): string[] =>
  execFileSync("sh", ["-c", `printf '%s\\n' ${line.slice(line.indexOf(": ") + 2)}`], { encoding: "utf8" })
    .trimEnd()
    .split("\n");

test("one minute is a minute", () => {
  expect(budgetText(budget({ minutes: 1 }))).toMatch(/^budget of 1 minute:/);
  expect(budgetText(budget({ minutes: 1.5 }))).toMatch(/^budget of 1.5 minutes:/);
});

test("options for a shell give the same interventions in the same order, with files for those that they define", async () => {
  const file = join(scratch, "mine.json");
  const definitions = { tail: { use: "zeros", slots: [2] }, head: { use: "zeros", slots: [1] } };
  writeFileSync(file, JSON.stringify({ interventions: definitions }));
  const interventions = ["own", "oracle", "blend(0.5)", "tail", "head", "tail@dropped", "zeros"];
  const line = await budgetOptions(budget({ interventions, suites: ["trt", "dose"] }), ["zeros", file]);
  expect(line).toMatch(/^the same without --budget: --suites trt,dose --interventions '/);
  const [, suites, , list] = pasted(line);
  expect(suites).toBe("trt,dose");
  expect((await readInterventions(namesWithValues(list!))).names).toEqual(interventions);
});

test("options without a suite name none, and say that the appendix is not theirs", async () => {
  const requested = { interventions: [], suites: ["reviewer"], definitions: {} };
  expect(await budgetOptions(budget({ requested }))).toBe(
    "the same without --budget, but for the appendix: --interventions own",
  );
});
