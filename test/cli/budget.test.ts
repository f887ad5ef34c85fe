/** `lintel audit --budget`: controls for a time, on a known-answer checkpoint. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { auditModel, type Budget, withBudget } from "../../src/audit/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-budget-"));
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  await saveKnownModel(at("model"), knownModels[0]!);
  await writeDataset(
    at("data"),
    { eval: knownExamples(12, 1, 0) },
    { task: "known", title: "known", description: "known", seed: 0, parameters: {} },
  );
  defineTail([2]);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const defineTail = (slots: number[]): void =>
  writeFileSync(at("tail.json"), JSON.stringify({ interventions: { "zero-tail": { use: "zeros", slots } } }));
const audit = (...rest: string[]) =>
  lintel("audit", "--model", at("model"), "--data", at("data"), "--threads", "1", ...rest);
const read = (...path: string[]) => JSON.parse(readFileSync(join(scratch, ...path), "utf8"));
const namesOf = (plan: { interventions: { name: string }[] }): string[] =>
  plan.interventions.map(({ name }) => name);

it("chooses what fits, and refuses a time that is too short for the verdict, and parts", async () => {
  const plan = JSON.parse((await audit("--budget", "1000", "--dry-run", "--json")).out);
  expect(plan.budget).toMatchObject({
    minutes: 1000,
    requested: { interventions: [], definitions: {} },
    left: [],
  });
  expect(namesOf(plan)).toEqual(plan.budget.interventions);
  const none = await audit("--budget", "0.0000001", "--dry-run");
  expect([none.code, none.out]).toEqual([2, ""]);
  expect(none.err).toMatch(/--budget: expected time for the interventions that the verdict rests on/);
  expect((await audit("--budget", "5", "--shards", "2", "--out", at("parts"))).err).toMatch(
    /an audit in one process.*--dry-run, then the options that it prints/s,
  );
  expect((await audit("--budget", "5", "--suites", "trtt", "--dry-run")).err).toMatch(/Unknown suite "trtt"/);
}, 120_000);

it("runs interventions of a file; prints options that run the same", async () => {
  const asked = ["--suites", "trt", "--interventions", `blend(0.5),${at("tail.json")}`];
  const dry = await audit(...asked, "--budget", "1000", "--dry-run");
  const line = /^the same without --budget: (--suites trt --interventions .*)$/m.exec(dry.out)?.[1];
  const pasted = execFileSync("sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" }).trimEnd();
  const same = JSON.parse((await audit(...pasted.split("\n"), "--dry-run", "--json")).out);

  const ran = await audit(...asked, "--budget", "1000", "--out", at("file"));
  expect(ran.code).toBe(0);
  const { budget, suites, interventions } = read("file", "audit.json");
  expect(budget.requested).toEqual({
    interventions: ["blend(0.5)", "zero-tail"],
    suites: ["trt"],
    definitions: { "zero-tail": { use: "zeros", slots: [2] } },
  });
  expect(Object.keys(suites)).toEqual(["trt"]);
  expect(interventions["zero-tail"].n).toBe(12);
  expect(namesOf(same)).toEqual(budget.interventions);
  expect(read("file", "asked.json").interventions.map(({ name }: { name: string }) => name)).toEqual(
    budget.interventions,
  );
}, 240_000);

it("goes on with the same choice, and refuses every other request in its directory", async () => {
  const file = at("tail.json");
  const command = ["--suites", "trt", "--interventions", file, "--budget", "1000"];
  const ran = await audit(...command, "--out", at("known"));
  expect(ran.out).toMatch(/budget of 1000 minutes: .*\n +chosen .*Would as many tokens without content do/);
  const before = readFileSync(at("known/budget.json"), "utf8");
  const again = await audit(...command, "--out", at("known"));
  expect([again.code, JSON.parse(before)]).toEqual([
    0,
    { schemaVersion: 1, ...read("known", "audit.json").budget },
  ]);
  for (const [other, difference] of [
    [["--suites", "trt", "--interventions", file, "--budget", "5"], /minutes is 5, was 1000/],
    [["--suites", "dose", "--interventions", file, "--budget", "1000"], /suites is dose, was trt/],
    [["--interventions", file, "--budget", "1000"], /suites is all, was trt/],
    [["--suites", "trt", "--budget", "1000"], /interventions is none, was zero-tail/],
    [["--suites", "trt", "--interventions", `zeros,${file}`, "--budget", "1000"], /is zero-tail, zeros, was/],
  ] as const)
    for (const dry of [[], ["--dry-run"]]) {
      const refused = await audit(...other, ...dry, "--out", at("known"));
      expect([refused.code, refused.out]).toEqual([2, ""]);
      expect(refused.err).toMatch(/known: expected an audit of the same request as the one there/);
      expect(refused.err).toMatch(difference);
    }
  defineTail([1]);
  const redefined = await audit(...command, "--out", at("known"));
  defineTail([2]);
  expect([redefined.code, redefined.err]).toEqual([
    2,
    expect.stringMatching(/definition of zero-tail is SHA-256 .*, was SHA-256/),
  ]);
  expect(readFileSync(at("known/budget.json"), "utf8")).toBe(before);
  const { suites: _, ...broken } = JSON.parse(before);
  writeFileSync(at("known/budget.json"), JSON.stringify(broken));
  const malformed = await audit(...command, "--dry-run", "--out", at("known"));
  expect(malformed.code).not.toBe(0);
  expect(malformed.err).toMatch(/budget.json: expected the controls that were chosen.*got suites: /s);
}, 240_000);

it("warns of no missing verdict but where the choice itself lacks its interventions", async () => {
  const asked = ["--suites", "markers", "--interventions", "own,zeros"];
  expect((await audit(...asked, "--dry-run")).err).toContain("there will be no verdict");
  const ran = await audit(...asked, "--budget", "1000", "--out", at("warned"));
  expect([ran.code, ran.err]).toEqual([0, expect.not.stringContaining("verdict;")]);
  const budget = read("warned", "budget.json");
  expect(budget.interventions).toContain("mean");
  writeFileSync(
    at("warned/budget.json"),
    JSON.stringify({ ...budget, suites: [], interventions: ["own", "zeros"] }),
  );
  const lacking = await audit(...asked, "--budget", "1000", "--dry-run", "--out", at("warned"));
  expect(lacking.err).toMatch(/there will be no verdict; it needs .*mean/);
}, 240_000);

it("writes the appendix of a reviewer's controls with those that were chosen alone", async () => {
  const choice: Budget = {
    minutes: 1,
    requested: { interventions: [], suites: ["reviewer"], definitions: {} },
    ...{
      suites: ["trt"],
      interventions: ["own", "oracle", "mean"],
      verdict: 1,
      seconds: 1,
      chosen: [],
      left: [],
    },
  };
  const ask = async (suites: string[], directory: string) => {
    const request = {
      model: at("model"),
      data: at("data"),
      interventions: { suites },
      output: { directory },
    };
    return auditModel({ ...withBudget(request, choice), budget: choice });
  };
  const { suites } = await ask(["reviewer"], at("appendix"));
  expect(Object.keys(suites ?? {})).toEqual(["trt"]);
  expect(readFileSync(join(at("appendix"), "appendix.md"), "utf8")).toMatch(
    /Suite trt: (?!was not run)[\s\S]*Suite gradient was not run/,
  );
  await ask(["trt"], at("none"));
  expect([existsSync(at("none/audit.json")), existsSync(join(at("none"), "appendix.md"))]).toEqual([
    true,
    false,
  ]);
}, 240_000);
