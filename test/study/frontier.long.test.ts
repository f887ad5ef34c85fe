/** A comparison of recipes from end to end, in miniature: killed, gone on with, and run again from its own speeds. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { start } from "../cli/run.ts";

const training = { steps: 12, batch: 32, warmup: 4, followEvery: 6, followExamples: 10, saveEvery: 3 };
const asked = ["own", "oracle", "zeros", "noise", "noise-matched", "mean", "other-own"];
const audits = ["eval", "held-out"].map((split) => ({ split, interventions: asked }));
const plan = {
  name: "tiny",
  datasets: { words: { task: "tetris", train: 200, eval: 40, heldOut: 20, parameters: { by: "words" } } },
  recipes: {
    mine: { of: "joint", latentWeight: 1, head: { kind: "linear" }, space: { kind: "standardised" } },
  },
  cells: ["joint", "mine"].map((recipe) => ({ task: "words", recipe, training, audits })),
  frontier: {
    reference: "joint",
    equal: "seconds",
    bars: ["words"],
    design: {
      tasks: ["words"],
      factors: { head: ["no", "yes"] },
      runs: { joint: { head: "no" }, mine: { head: "yes" } },
    },
    cost: { tasks: { words: 9 } },
  },
};

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-frontier-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const out = (name: string): string => join(scratch, name);
const study = (name: string, input: object) => {
  const file = join(scratch, `${name}.yaml`);
  writeFileSync(file, stringify(input));
  return start(["study", file, "--out", out(name), "--json"]);
};
/** Results without what may differ from run to run: times, and digests of files that contain them. */
const lasting = (text: string): unknown =>
  JSON.parse(text, (key, value) =>
    /^(seconds|secondsRatio|examplesPerSecond|digest|models\/.*)$/.test(key) ? 0 : value,
  );

it("keeps its speeds and so its steps over a kill; with these speeds another run is the same", {
  timeout: 360_000,
}, async () => {
  const first = study("killed", plan);
  const state = join(out("killed"), "models", "words", "mine", "0", "state.safetensors");
  let over = false;
  void first.ended.then(() => {
    over = true;
  });
  while (!existsSync(state) && !over) await sleep(5);
  first.kill("SIGKILL");
  await first.ended;
  expect(existsSync(join(out("killed"), "results.json"))).toBe(false);
  const { calibration } = JSON.parse(readFileSync(join(out("killed"), "study.json"), "utf8"));
  expect(Object.keys(calibration)).toEqual(["words/joint", "words/mine"]);
  expect(existsSync(join(out("killed"), ".calibration"))).toBe(false);

  const last = await study("killed", plan).ended;
  expect(last.code, last.err).toBe(0);
  expect(last.err).toMatch(/lintel: 2 cells, about \d+ min on \d+ workers/);
  expect(last.err).not.toContain("calibrate");
  const results = JSON.parse(last.out);
  const steps = Object.fromEntries(
    results.leaderboard.map((row: { recipe: string; steps: number }) => [row.recipe, row.steps]),
  );
  expect(steps).toEqual({
    joint: 12,
    mine: Math.max(1, Math.round((12 * calibration["words/joint"]) / calibration["words/mine"])),
  });
  expect(results.findings.map(({ id }: { id: string }) => id)).toEqual(["R1", "R2", "R3", "R4"]);
  expect(results.factors.map(({ response }: { response: string }) => response)).toContain("own");
  expect(readFileSync(join(out("killed"), "report.html"), "utf8")).toContain('<section id="leaderboard">');

  const again = await study("again", { ...plan, calibration }).ended;
  expect(again.code, again.err).toBe(0);
  expect(results.environment.threadsPerCell).toBe(1);
  expect(lasting(again.out)).toEqual(lasting(last.out));
});

it("gives a cell the threads and its audit the ids that the plan names, and says so", async () => {
  const cell = { task: "words", recipe: "joint", threads: 2, training: { steps: 1, batch: 32 } };
  const cells = [{ ...cell, audits: [{ split: "eval", limit: 4, maxTokens: 4, interventions: ["own"] }] }];
  const {
    code,
    out: said,
    err,
  } = await study("threads", { name: "t", datasets: plan.datasets, cells }).ended;
  expect(code, err).toBe(0);
  const { environment, cells: done } = JSON.parse(said);
  expect(environment.threadsPerCell).toBe(2);
  expect(done[0].audits[0].loop.decoding.maxTokens).toBe(4);
});
