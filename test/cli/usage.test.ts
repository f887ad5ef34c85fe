import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lintel } from "./run.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-usage-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));
const out = (): string => join(scratch, "out");

describe("wrong usage ends with 2, a message on standard error, and nothing written", () => {
  it.each([
    ["no command", [], /Usage: lintel/],
    ["an unknown command", ["stduy"], /unknown command 'stduy'\n\(Did you mean study\?\)/],
    ["an unknown option", ["doctor", "--jsno"], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
    ["a missing argument", ["generate", "--out", "x"], /missing required argument 'task'/],
    ["a missing option", ["generate", "tetris"], /required option '--out <dir>' not specified/],
    ["too many arguments", ["report", "a", "b"], /too many arguments/],
    [
      "a number that is none",
      ["generate", "tetris", "--out", "x", "--seed", "one"],
      /'--seed <s>' argument 'one' is invalid. Expected an integer of at least 0/,
    ],
    ["a number too small", ["train", "joint", "--data", "x", "--out", "y", "--steps", "0"], /at least 1/],
    [
      "an empty list",
      ["audit", "--model", "x", "--data", "y", "--interventions", ","],
      /Expected a comma-separated list/,
    ],
    ["half a pair", ["study", "--slurm", "partition"], /Expected KEY=VALUE/],
  ])("%s", async (_, argv, message) => {
    const ran = await lintel(...argv);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe("");
    expect(ran.err).toMatch(message);
  });

  it.each([
    ["task", () => ["generate", "tetriss", "--out", out()], 'Unknown task "tetriss". Did you mean "tetris"?'],
    [
      "format",
      () => ["generate", "tetris", "--out", out(), "--format", "lintl"],
      "argument 'lintl' is invalid. Allowed choices are lintel, jsonl, lantern.",
    ],
    [
      "recipe",
      () => ["train", "jiont", "--data", scratch, "--out", out()],
      'Unknown recipe "jiont". Did you mean "joint"? (list: docs/recipes.md)',
    ],
  ])("an unknown %s, naming the nearest", async (_, argv, message) => {
    const ran = await lintel(...argv());
    expect(ran.err).toContain(`lintel: ${""}`);
    expect(ran.err).toContain(message);
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe("what cannot be done ends with 1 and one line that says why", () => {
  it("an output directory that cannot be written", async () => {
    const file = join(scratch, "file");
    writeFileSync(file, "kept");
    const ran = await lintel(
      "generate",
      "tetris",
      "--out",
      join(file, "inside"),
      "--train",
      "2",
      "--eval",
      "1",
      "--held-out",
      "1",
    );
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/^lintel: .*file.*: expected to be able to write, got .*ENOTDIR/);
    expect(ran.err.trim().split("\n")).toHaveLength(1);
    rmSync(file);
  });

  it("a run that is not there", async () => {
    const ran = await lintel("--json", "report", join(scratch, "no-run"));
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/results\.json: expected the results of a finished study, got no such file. Try/);
  });
});
