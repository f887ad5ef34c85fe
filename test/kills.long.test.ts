/**
 * Kills at random times over the length of commands: the same command again gives the bytes of an uninterrupted run, and no
 * file is left that such a run does not have. Two of each command; with LINTEL_KILLS, by hand, fifty,
 * five to ten minutes, at times that the seed draws:
 *   LINTEL_KILLS=SEED npx vitest run --project long test/kills.long.test.ts
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../src/selftest/index.ts";
import { random } from "../src/util/index.ts";
import { writeKnownData } from "./cli/known.ts";
import { start } from "./cli/run.ts";
import { lastingOf } from "./support/lasting.ts";

const fifty = process.env.LINTEL_KILLS !== undefined;
const seed = Number(process.env.LINTEL_KILLS ?? 0);
/** Kills of each command where LINTEL_KILLS is not set. */
const FEW = 2;
/** Kills of one directory, one after another, before the command is left to end. */
const IN_A_ROW = 4;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-kills-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Inputs of all commands. */
const inputs = (): string => join(scratch, "inputs");

const pocket = ["--held-out", "0", "--set", "rendering=pocket"];
const audit = [
  "audit",
  "--model",
  "model",
  "--data",
  "questions",
  "--interventions",
  "own,zeros,mean",
  "--threads",
  "1",
];
const study = {
  name: "small",
  datasets: { crop: { train: 16, eval: 6, heldOut: 0, parameters: { rendering: "pocket" } } },
  cells: ["joint", "text"].map((recipe) => ({
    task: "crop",
    recipe,
    training: { steps: 4, batch: 4, warmup: 1, saveEvery: 1, followExamples: 2 },
    audits: [{ split: "eval", interventions: ["own"] }],
  })),
};

/** Kills of each command, fifty in all. Names of inputs are relative to the directory that it runs in. */
const commands: [name: string, kills: number, argv: string[]][] = [
  ["generate", 5, ["generate", "tetris", "--out", "out", "--train", "300", "--eval", "100", ...pocket]],
  [
    "generate as JSON lines",
    5,
    ["generate", "crop", "--out", "out", "--format", "jsonl", "--train", "150", "--eval", "50", ...pocket],
  ],
  ["train", 6, ["train", "joint", "--data", "data", "--out", "out", "--steps", "55", "--threads", "1"]],
  ["audit", 10, [...audit, "--out", "out"]],
  ["judge", 5, ["judge", "audit/outcomes.jsonl", "--out", "out"]],
  ["an audit in parts", 8, [...audit, "--out", "out", "--shards", "2", "--workers", "2"]],
  ["study", 11, ["study", "plan.json", "--out", "out", "--workers", "2"]],
];

/** Starts a command in a directory, with temporary files of its own. */
function begin(directory: string, argv: readonly string[]) {
  const temporary = join(directory, "tmp");
  mkdirSync(temporary, { recursive: true });
  const absolute = argv.map((word, i) =>
    i > 0 && (word === "out" || readdirSync(inputs()).includes(word.split("/")[0]!))
      ? join(word === "out" ? directory : inputs(), word)
      : word,
  );
  return start(absolute, { TMPDIR: temporary });
}

async function ended(directory: string, argv: readonly string[]): Promise<number> {
  const began = performance.now();
  const { code, err } = await begin(directory, argv).ended;
  expect(code, err).toBe(0);
  return performance.now() - began;
}

/** Everything in a directory, without times. */
function left(directory: string): Map<string, string> {
  const found = lastingOf(directory);
  // Paths within requests are those of the directory.
  return new Map([...found].map(([path, text]) => [path, text.replaceAll(directory, "DIRECTORY")]));
}

describe("after kills at random times", () => {
  beforeAll(async () => {
    const at = (name: string): string => join(inputs(), name);
    mkdirSync(inputs());
    await saveKnownModel(at("model"), knownModels[0]!);
    await writeKnownData(at("questions"), knownExamples(150, 1, 0));
    writeFileSync(at("plan.json"), JSON.stringify(study));
    for (const argv of [
      ["generate", "tetris", "--out", at("data"), "--train", "256", "--eval", "8", ...pocket],
      [...audit, "--out", at("audit")].map((word) =>
        ["model", "questions"].includes(word) ? at(word) : word,
      ),
    ]) {
      const { code, err } = await start(argv).ended;
      expect(code, err).toBe(0);
    }
  }, 300_000);

  it.each(commands.map(([name, kills, argv]) => [name, fifty ? kills : FEW, argv] as const))(
    "%s gives the same bytes and leaves nothing behind (%i kills)",
    async (name, kills, argv) => {
      const r = random(seed, "kills", name);
      const whole = join(scratch, name, "whole");
      mkdirSync(whole, { recursive: true });
      const length = await ended(whole, argv);
      const want = left(whole);
      const log: string[] = [];
      for (let killed = 0, trial = 0; killed < kills; trial++) {
        // A loaded machine may let every run end before its time.
        expect(trial, log.join("; ")).toBeLessThan(4 * kills);
        const directory = join(scratch, name, `trial-${trial}`);
        for (let i = 0; i < IN_A_ROW && killed < kills; i++) {
          const child = begin(directory, argv);
          const [after, kind] = [r.uniform() * length, r.integer(5)];
          const signal = kind === 0 ? "SIGTERM" : kind === 1 ? "SIGINT" : "SIGKILL";
          const alive = await Promise.race([child.ended.then(() => false), sleep(after, true)]);
          log.push(`${trial}: ${signal} at ${Math.round(after)} ms${alive ? "" : ", over before"}`);
          if (!alive) break;
          child.kill(signal);
          killed++;
          const { code, err } = await child.ended;
          // Interrupted, ended by the signal before it was listened to, or just done.
          expect([130, null, 0], `${log.at(-1)}: ${err}`).toContain(code);
        }
        await ended(directory, argv);
        const got = left(directory);
        expect([...got.keys()], log.join("; ")).toEqual([...want.keys()]);
        for (const [path, text] of want)
          expect(got.get(path) === text, `${path} differs after ${log.join("; ")}`).toBe(true);
        expect(readdirSync(directory).sort()).toEqual(["out", "tmp"]);
        expect(readdirSync(join(directory, "tmp"))).toEqual([]);
        rmSync(directory, { recursive: true });
      }
    },
    600_000,
  );
});

it("counts fifty kills", () => {
  expect(commands.reduce((sum, [, kills]) => sum + kills, 0)).toBe(50);
});
