/** `lintel judge` and `lintel compare` on real audits of a checkpoint. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { dummies, plant } from "../support/planted.ts";
import { writePlantedAudit } from "../support/planted-audit.ts";
import { writeKnown } from "./known.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (...names: string[]): string => join(scratch, ...names);
const audit = async (model: string, out: string) => {
  const {
    code,
    out: text,
    err,
  } = await lintel(
    "audit",
    "--model",
    at(model),
    "--data",
    at("data"),
    "--suites",
    "trt",
    "--threads",
    "1",
    "--out",
    at(out),
  );
  expect(code, err).toBe(0);
  return text;
};
let printed: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-judge-cli-"));
  await writeKnown(scratch);
  await saveKnownModel(at("blind"), knownModels[1]!);
  printed = await audit("model", "a");
  await audit("blind", "b");
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), "utf8"));

it("an audit ends with verdict, accuracies, suites in words, and where its files and its page are", () => {
  expect(printed).toMatch(/conclusion: content: own latents beat [\s\S]+\./);
  const summary = printed.trimEnd().split("\n\n").at(-1)!;
  expect(summary).toMatch(
    /^Verdict {2}.+ \(8 examples\)\nAccuracy own .+ oracle .+ best control \(.+\) .+, chance 25\.0 %/s,
  );
  expect(summary).toMatch(/\nSuites {3}trt: .+ \(.+\)/s);
  expect(summary.replaceAll(/\n\s+/g, " ")).toContain(`Page     ${at("a", "report.html")}`);
  expect(readFileSync(at("a", "report.html"), "utf8")).toMatch(/<img src="data:image\/png/);
  expect(readFileSync(at("a", "verdict.md"), "utf8")).toMatch(/^- suite trt: \w.*: .*: /m);
  for (const line of printed.split("\n").filter((line) => !/\S {2,}/.test(line) && !line.includes(scratch)))
    expect(line.length, line).toBeLessThanOrEqual(100);
});

/** What a model's input is needed for: cosines with its visual tokens and words. */
const OF_INPUT = ["ownToPatch", "patchesOfOne", "patchesOfTwo", "words"];
function withoutInput<T extends { geometry: { references: Record<string, unknown> } }>(made: T): T {
  const { references } = made.geometry;
  expect(Object.keys(references)).toEqual(expect.arrayContaining(OF_INPUT));
  const kept = Object.entries(references).filter(([name]) => !OF_INPUT.includes(name));
  return { ...made, geometry: { ...made.geometry, references: Object.fromEntries(kept) } };
}

it("its outcomes, judged, give the same audit.json but for what only a model can say", async () => {
  const { code, err } = await lintel(
    "judge",
    at("a/outcomes.jsonl"),
    "--latents",
    at("a/latents.safetensors"),
    "--out",
    at("judged"),
  );
  expect(code, err).toBe(0);
  const [made, judged] = [json("a/audit.json"), json("judged/audit.json")];
  // The loop, how questions were presented, what suites measure inside the model, and the benchmark of the reader.
  const { loop, questions, suites, ...rest } = withoutInput(made);
  expect([loop, questions, suites].every(Boolean)).toBe(true);
  delete rest.readings.benchmark;
  expect(judged).toEqual(rest);
  expect(JSON.stringify(judged) === JSON.stringify(rest)).toBe(true);
  for (const name of ["table.md", "table.tex", "outcomes.jsonl"])
    expect(readFileSync(at("judged", name), "utf8")).toBe(readFileSync(at("a", name), "utf8"));
  expect(existsSync(at("judged/report.html"))).toBe(true);
});

it("the same outcomes as rows of another program give the same", async () => {
  const journal = readFileSync(at("a/outcomes.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const rows = journal.flatMap(({ outcomes, check: _, ...example }) =>
    Object.entries(outcomes as Record<string, object>).map(([intervention, outcome]) => ({
      ...example,
      intervention,
      ...outcome,
    })),
  );
  writeFileSync(at("rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { out } = await lintel(
    "judge",
    at("rows.jsonl"),
    "--latents",
    at("a/latents.safetensors"),
    "--json",
    "--allow-missing",
  );
  const { loop, questions, suites, readings, notApplied, readable, ...rest } = withoutInput(
    json("a/audit.json"),
  );
  const { readings: read, notApplied: absent, readable: words, ...judged } = JSON.parse(out);
  expect(judged).toEqual(rest);
  expect(read.verdicts).toEqual(readings.verdicts);
});

it("compares two audits in words, as JSON and as a page", async () => {
  const { code, out } = await lintel("compare", at("a"), at("b"), "--out", at("ab"));
  expect(code).toBe(0);
  expect(out).toMatch(/^(?:a is better|Undecided): b answers/);
  expect(out).toMatch(/Right in a alone: (?:none|\d+)\n/);
  expect(out).toContain(`Page: ${at("ab/comparison.html")}`);
  const { code: same, out: text } = await lintel("compare", at("a"), at("b"), "--json");
  expect(same).toBe(0);
  expect(JSON.parse(text)).toEqual(json("ab/comparison.json"));
  expect((await lintel("compare", at("a"), at("b"), "--out", at("a"))).err).toMatch(
    /--out: .*a finished part whose files are sealed/,
  );
  expect((await lintel("compare", at("a"), at("b"), "--names", "one")).err).toMatch(
    /--names: expected two names, got 1/,
  );
});

it("names the questions that flipped, within the terminal's width", async () => {
  const rates = { own: 0.4, oracle: 0.9, ...dummies(0.3) };
  await writePlantedAudit(at("p"), plant({ n: 60, seed: 1, rates, shared: 0.8 }));
  await writePlantedAudit(at("q"), plant({ n: 60, seed: 1, rates: { ...rates, own: 0.8 }, shared: 0.8 }));
  const { out } = await lintel("compare", at("p"), at("q"));
  expect(out).toMatch(/^q is better: /);
  expect(out).toMatch(/Right in q alone: \d+\n {2}0000\d\d {2}Question \d+ of \[image\]/);
  expect(out).toMatch(/ and \d+ more: --json names all/);
});

it("an audit's page is written again by lintel report", async () => {
  const before = readFileSync(at("a/report.html"), "utf8").replace(/<(h1|title)[^>]*>.*?<\/\1>/g, "");
  const { code, out } = await lintel("report", at("a"), "--data", at("data"));
  expect(code).toBe(0);
  expect(out).toMatch(/^Verdict/);
  expect(readFileSync(at("a/report.html"), "utf8").replace(/<(h1|title)[^>]*>.*?<\/\1>/g, "")).toBe(before);
});

it("--slice reports the differences of an audit's outcomes on a list of examples", async () => {
  const lines = readFileSync(at("a", "outcomes.jsonl"), "utf8").trim().split("\n");
  const some = lines.slice(0, 3).map((line) => JSON.parse(line));
  writeFileSync(at("hard.txt"), [...some.map(({ example }) => example), "elsewhere", ""].join("\n"));
  const words = ["judge", at("a", "outcomes.jsonl"), "--slice", at("hard.txt"), "--out", at("sliced")];
  const { code, out, err } = await lintel(...words);
  expect(code, err).toBe(0);
  expect(out).toMatch(
    /slice hard: 3 examples; 1 more are not in this audit\n {2}intervention +accuracy +− own/,
  );
  const { hard } = json("sliced", "audit.json").namedSlices;
  const right = some.filter(({ answer, outcomes }) => outcomes.oracle.choice === answer).length;
  expect([hard.n, hard.missing, hard.interventions.oracle.accuracy]).toEqual([3, 1, right / 3]);
  expect(readFileSync(at("sliced", "report.html"), "utf8")).toContain("<h2>Named slices</h2>");
  const other = await lintel("judge", at("a", "outcomes.jsonl"), "--slice", at("no.txt"));
  expect([other.code, other.err]).toEqual([
    1,
    expect.stringMatching(/no\.txt: expected a text file .* got no such file/s),
  ]);
});
