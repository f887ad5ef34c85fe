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
    [
      "an unknown command",
      ["stduy"],
      /^lintel: Unknown command "stduy"\. Did you mean "study"\? \(lintel --help\)\n$/,
    ],
    [
      "an unknown option",
      ["doctor", "--jsno"],
      /^lintel: Unknown option "--jsno"\. Did you mean "--json"\? \(lintel doctor --help\)\n$/,
    ],
    [
      "a mistyped required option",
      ["audit", "--modle", "x"],
      /Unknown option "--modle"\. Did you mean "--model"\?/,
    ],
    [
      "a missing argument",
      ["generate", "--out", "x"],
      /generate requires the argument <task>\. Try lintel generate --help\n$/,
    ],
    [
      "options of parts without parts",
      ["audit", "--model", "x", "--data", "y", "--executor", "slurm"],
      /^lintel: --executor needs --shards N: without it the audit runs in this process\n$/,
    ],
    [
      "parts without a directory",
      ["audit", "--model", "x", "--data", "y", "--shards", "2"],
      /^lintel: --shards needs --out DIR/,
    ],
    [
      "an unknown intervention, before the model is looked for",
      ["audit", "--model", "x", "--data", "y", "--interventions", "zeross"],
      /^lintel: Unknown intervention "zeross"\. Did you mean "zeros"\?/,
    ],
    [
      "an unknown family, before the model is looked for",
      ["audit", "--model", "x", "--data", "y", "--family", "miraje"],
      /^lintel: Unknown family "miraje"\. Did you mean "mirage"\?/,
    ],
    [
      "a word that belongs to no option",
      ["audit", "models/x"],
      /requires --model <dir\|id> and --data <dir>; "models\/x" is no option\. Try lintel audit --help/,
    ],
    [
      "a missing option",
      ["generate", "tetris"],
      /generate requires --out <dir>\. Try lintel generate --help/,
    ],
    [
      "two missing options",
      ["audit"],
      /audit requires --model <dir\|id> and --data <dir>\. Try lintel audit --help/,
    ],
    ["an option without its value", ["audit", "--limit"], /--limit requires a value: --limit <n>/],
    [
      "too many arguments",
      ["report", "a", "b"],
      /report: unexpected argument "b"\. Try lintel report --help/,
    ],
    [
      "a number that is none",
      ["generate", "tetris", "--out", "x", "--seed", "one"],
      /^lintel: --seed must be an integer of at least 0, got "one"\n$/,
    ],
    ["a number too small", ["train", "joint", "--data", "x", "--out", "y", "--steps", "0"], /at least 1/],
    [
      "an empty list",
      ["audit", "--model", "x", "--data", "y", "--interventions", ","],
      /--interventions must be a comma-separated list, got ","/,
    ],
    ["half a pair", ["study", "--slurm", "partition"], /--slurm must be KEY=VALUE, got "partition"/],
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
      '--format: unknown value "lintl". Did you mean "lintel"?',
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

  it("a model that is not there, before the dataset is read", async () => {
    const ran = await lintel("audit", "--model", "no-model", "--data", "no-data");
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/^lintel: no-model: expected a checkpoint directory, or org\/name/);
  });

  it("a run that is not there", async () => {
    const ran = await lintel("--json", "report", join(scratch, "no-run"));
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(/results\.json: expected the results of a finished study, got no such file. Try/);
  });
});
