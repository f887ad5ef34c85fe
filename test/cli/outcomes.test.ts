/** `lintel outcomes`: which examples flipped. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSlices } from "../../src/audit/index.ts";
import { dummies, plant } from "../support/planted.ts";
import { writePlantedAudit } from "../support/planted-audit.ts";
import { lintel, lintelAt } from "./run.ts";

let scratch: string;
const at = (...names: string[]): string => join(scratch, ...names);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-outcomes-"));
  const rates = { own: 0.5, oracle: 0.9, ...dummies(0.4) };
  await writePlantedAudit(at("run/audits/t/r/0/eval"), plant({ n: 40, seed: 3, rates, shared: 0.5 }));
  await writePlantedAudit(at("run/audits/t/r/1/eval"), plant({ n: 10, seed: 4, rates, shared: 0.5 }));
});
afterAll(() => rmSync(scratch, { recursive: true }));

it("counts the flips in both directions and lists them with their questions, within the terminal's width", async () => {
  const { code, out } = await lintelAt(80, "outcomes", at("run"), "--audit", "r/0", "--flips", "own,oracle");
  expect(code).toBe(0);
  const [, selected, one, other] =
    /^(\d+) of 40 examples: .*\n {2}(\d+) right under own and wrong under oracle, (\d+)/.exec(out)!;
  expect(Number(selected)).toBe(Number(one) + Number(other));
  expect(out).toMatch(/example +answer +own +oracle +question/);
  expect(out).toMatch(/0000\d\d +[abcd] +[abcd] ✗ +[abcd] ✓ +Question \d+ of \[image\], with "quotes"/);
  for (const line of out.split("\n").slice(1)) expect(line.length, line).toBeLessThanOrEqual(80);
});

it("answers both audits of a run, as text and as JSON", async () => {
  const asked = ["outcomes", at("run"), "--right", "oracle", "--wrong", "own"];
  const { out } = await lintel(...asked, "--limit", "100");
  expect(out).toMatch(/^\d+ of 50 examples: right under oracle; wrong under own\n/);
  expect(out).toMatch(/^t\/r\/0\/eval$[\s\S]*^t\/r\/1\/eval$/m);
  const { selected, rows } = JSON.parse((await lintel(...asked, "--json")).out);
  expect(rows).toHaveLength(2 * selected);
  expect(
    rows.every(
      (row: { intervention: string; correct: boolean }) => row.correct === (row.intervention === "oracle"),
    ),
  ).toBe(true);
});

it("writes CSV to standard output, or any format to a file", async () => {
  const csv = await lintel("outcomes", at("run"), "--csv", "--interventions", "own");
  expect(csv.out.split("\n")[0]).toMatch(/^audit,example,intervention,correct,/);
  expect(csv.out).toContain("t/r/1/eval,000009,own,");
  const { out } = await lintel("outcomes", at("run"), "--jsonl", "--out", at("o.jsonl"));
  expect(out).toBe(`${at("o.jsonl")}: 350 rows, 50 of 50 examples\n`);
  expect(readFileSync(at("o.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(350);
});

it("writes the ids of a selection as a file that --slice reads", async () => {
  const selection = ["outcomes", at("run/audits/t/r/0/eval"), "--flips", "own,oracle"];
  const ids = (await lintel(...selection, "--ids")).out.trimEnd().split("\n");
  const { selected, rows } = JSON.parse((await lintel(...selection, "--json")).out);
  expect(ids).toHaveLength(selected);
  expect(ids).toEqual([...new Set(rows.map(({ example }: { example: string }) => example))]);
  const { out } = await lintel(...selection, "--ids", "--out", at("flipped.txt"));
  expect(out).toBe(`${at("flipped.txt")}: ${selected} ids, ${selected} of 40 examples\n`);
  expect([...(await readSlices([at("flipped.txt")]))[0]!.examples]).toEqual(ids);
});

it.each([
  [["--csv", "--jsonl"], /one of --csv, --jsonl, --parquet and --ids, got --csv and --jsonl/],
  [["--parquet"], /--parquet: expected a file to write to/],
  [["--out", "x"], /--out: expected a format.*Try --csv --out x/],
  [["--flips", "own"], /--flips: expected two interventions, got 1/],
  [["--flips", "own,zeroes"], /unknown intervention "zeroes"\. Did you mean "zeros"/],
  [["--audit", "nothing"], /--audit: expected part of a path below/],
])("refuses %j", async (options, message) => {
  const { code, out, err } = await lintel("outcomes", at("run"), ...options);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(message);
});
