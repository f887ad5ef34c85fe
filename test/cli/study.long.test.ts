/** Studies as users run them: with workers, stopped, killed, run again. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lintel, type Started, start } from "./run.ts";

let scratch: string;
let plan: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-study-"));
  plan = join(scratch, "tiny.yaml");
  // Small enough for seconds, long enough to be interrupted; latents, a base model, and two splits.
  writeFileSync(
    plan,
    `name: tiny
datasets:
  crop: { train: 40, eval: 10 }
cells:
  - task: crop
    recipe: text
    training: &training { steps: 10, batch: 8, warmup: 2, followEvery: 5, followExamples: 4, saveEvery: 2 }
    audits: [{ split: eval, interventions: [own, zeros] }]
  - task: crop
    recipe: joint
    base: crop/text
    training: *training
    audits: [{ split: eval, interventions: [own, oracle, zeros] }]
`,
  );
});
afterAll(() => rmSync(scratch, { recursive: true }));

const out = (name: string): string => join(scratch, name);
const study = (name: string, env?: Record<string, string>): Started =>
  start(["study", plan, "--out", out(name), "--json"], env);

/** Results without what differs from run to run: times. */
function comparable(text: string): unknown {
  // The digests of parts are those of files with times in them.
  const {
    parts: _parts,
    digest: _digest,
    ...results
  } = JSON.parse(text, (key, value) => (/^(seconds|examplesPerSecond)$/.test(key) ? 0 : value));
  return results;
}
const locks = (name: string): string[] => readdirSync(out(name)).filter((file) => file.endsWith(".lock"));

/** Waits until a file of a run is there. */
async function appearance(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(10);
}

let whole: string;

describe("lintel study", () => {
  it("runs a plan of one's own: JSON on stdout, progress on stderr, report on disk, no locks left", async () => {
    const { code, out: stdout, err } = await study("whole").ended;
    const notes = err.match(/lintel: [^\n]*/g);
    const fills = `lintel: the report fills while the study runs: ${join(out("whole"), "report.html")}`;
    expect([code, notes], err).toEqual([0, [fills]]);
    whole = stdout;
    const results = JSON.parse(stdout);
    expect(results).toMatchObject({ preset: "tiny", status: "complete" });
    expect(results.cells.map(({ id }: { id: string }) => id)).toEqual(["crop/text/0", "crop/joint/0"]);
    expect(results.findings).toEqual([]);
    // Zeros were asked for, and there was no block to put them into: a result, not a failure.
    const [words] = results.cells;
    expect(words.audits[0].verdict).toBe("no-latents");
    expect(Object.keys(words.audits[0].interventions)).toEqual(["own"]);
    expect(JSON.parse(readFileSync(join(out("whole"), "results.json"), "utf8"))).toEqual(results);
    expect(readFileSync(join(out("whole"), "report.html"), "utf8")).toMatch(/^<!doctype html>/i);
    expect(err).toMatch(/train crop\/joint\/0 {2}10\/10 steps/);
    expect(err).toMatch(/study {2}2\/2 cells/);
    expect(locks("whole")).toEqual([]);
  });

  it("run again on a finished run, says the same at once", async () => {
    const again = await lintel("study", plan, "--out", out("whole"), "--json");
    expect([again.code, again.out]).toEqual([0, whole]);
    const text = await lintel("report", out("whole"));
    expect(text.code).toBe(0);
    // The claims of a paper are none of this study's.
    expect(text.out).toMatch(/^Verdicts\n/);
    expect(text.out).not.toMatch(/Findings|not measured/);
    expect(text.out).toContain(`Report: ${join(out("whole"), "report.html")}`);
  });

  it("refuses a directory of another study", async () => {
    const other = await lintel("study", plan, "--out", out("whole"), "--seeds", "2");
    expect([other.code, other.out]).toEqual([2, ""]);
    expect(other.err).toMatch(/study: seeds is 2, was 1.*another directory \(--out\)/);
    // What lies there is a model, not a run.
    const model = join(out("whole"), "models", "crop", "joint", "0");
    const before = readdirSync(model);
    const foreign = await lintel("study", plan, "--out", model);
    expect([foreign.code, foreign.out]).toEqual([2, ""]);
    expect(foreign.err).toMatch(/results of training/);
    expect(readdirSync(model)).toEqual(before);
  });

  it("stopped by Ctrl-C or killed, goes on and ends with the same results", async () => {
    const interrupted = study("stopped");
    await appearance(join(out("stopped"), "models", "crop", "text", "0", "training.jsonl"));
    interrupted.kill("SIGINT");
    const { code, out: stdout, err } = await interrupted.ended;
    expect([code, stdout], err).toEqual([130, ""]);
    expect(locks("stopped")).toEqual([]);

    // A second kill, without a chance to say goodbye: the worker notices, and its cell is free again.
    const killed = study("stopped");
    await appearance(join(out("stopped"), "models", "crop", "joint", "0", "training.jsonl"));
    killed.kill("SIGKILL");
    await killed.ended;
    expect(existsSync(join(out("stopped"), "results.json"))).toBe(false);

    const last = await study("stopped").ended;
    expect(last.code, last.err).toBe(0);
    expect(comparable(last.out)).toEqual(comparable(whole));
    expect(locks("stopped")).toEqual([]);
  });

  it("lets no second process into a run directory", async () => {
    const first = study("shared");
    await appearance(join(out("shared"), "study.json"));
    const second = await lintel("study", plan, "--out", out("shared"));
    expect([second.code, second.out]).toEqual([1, ""]);
    expect(second.err).toMatch(
      new RegExp(`no other process to be working there, got process ${first.pid}, since`),
    );
    first.kill("SIGTERM");
    expect((await first.ended).code).toBe(130);
  });

  it("names what is wrong with a plan, and the nearest preset and executor", async () => {
    const preset = await lintel("study", "poket", "--out", out("none"));
    expect([preset.code, preset.err]).toEqual([
      2,
      'lintel: Unknown preset "poket". Did you mean "pocket"? (docs/study.md lists them; a YAML file can define one)\n',
    ]);
    const executor = await lintel("study", plan, "--out", out("none"), "--executor", "slrum");
    expect([executor.code, executor.err]).toEqual([
      2,
      expect.stringContaining('Unknown executor "slrum". Did you mean "slurm"?'),
    ]);
    const faulty = join(scratch, "faulty.yaml");
    writeFileSync(
      faulty,
      "name: x\ndatasets: { crop: { train: 1, eval: 1 } }\ncells: [{ task: crop, recipe: jont, audits: [{ split: eval }] }]\n",
    );
    const recipe = await lintel("study", faulty, "--out", out("none"));
    expect([recipe.code, recipe.err]).toEqual([
      2,
      expect.stringContaining('Unknown recipe "jont". Did you mean "joint"?'),
    ]);
    expect(existsSync(out("none"))).toBe(false);
  });

  it("quotes what a cell said that failed, and keeps what was done", async () => {
    // A file lies where the run wants a directory: the base trains, the next cell cannot be audited.
    const blocked = join(out("blocked"), "audits", "crop");
    const running = study("blocked");
    await appearance(join(out("blocked"), "study.json"));
    mkdirSync(blocked, { recursive: true });
    writeFileSync(join(blocked, "joint"), "in the way");
    const ran = await running.ended;
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toMatch(
      /lintel: study: expected all 2 cells to finish, got 1 failed \(crop\/joint\/0: .*joint/,
    );
    expect(ran.err).not.toMatch(/ {4}at /);
    rmSync(join(blocked, "joint"));
    const again = await study("blocked").ended;
    expect(again.code, again.err).toBe(0);
    expect(again.err).not.toContain("train crop/text/0");
    expect(comparable(again.out)).toEqual(comparable(whole));
  });
});

describe("lintel audit", () => {
  const argv = (...more: string[]): string[] => [
    "audit",
    "--model",
    join(out("whole"), "models", "crop", "joint", "0"),
    "--data",
    join(out("whole"), "datasets", "crop"),
    ...more,
  ];

  it("prints verdict and accuracies, or the result as JSON", async () => {
    const text = await lintel(...argv("--interventions", "own, zeros", "--limit", "5"));
    expect(text.code, text.err).toBe(0);
    expect(text.out).toMatch(/eval, 5 examples, chance 25\.0 %/);
    expect(text.out).toMatch(/^ {2}zeros /m);
    const json = await lintel("--json", ...argv("--interventions", "own,zeros", "--limit", "5"));
    const result = JSON.parse(json.out);
    expect(Object.keys(result.interventions)).toEqual(["own", "zeros"]);
    expect(result.n).toBe(5);
  });

  it("names the nearest intervention and split", async () => {
    const intervention = await lintel(...argv("--interventions", "own,zeroes"));
    expect([intervention.code, intervention.err]).toEqual([
      2,
      expect.stringContaining('Unknown intervention "zeroes". Did you mean "zeros"?'),
    ]);
    const split = await lintel(...argv("--split", "evel"));
    expect([split.code, split.err]).toEqual([1, expect.stringContaining('Did you mean "eval"?')]);
  });

  it("says which file of a checkpoint or dataset is broken", async () => {
    const foreign = await lintel(
      "audit",
      "--model",
      scratch,
      "--data",
      join(out("whole"), "datasets", "crop"),
    );
    expect([foreign.code, foreign.err]).toEqual([1, expect.stringMatching(/^lintel: .*config\.json/)]);

    truncateSync(join(out("whole"), "models", "crop", "joint", "0", "model.safetensors"), 1000);
    const cut = await lintel(...argv());
    expect([cut.code, cut.err]).toEqual([1, expect.stringMatching(/^lintel: .*model\.safetensors/)]);

    const data = join(out("whole"), "datasets", "crop", "data");
    rmSync(join(data, readdirSync(data).find((name) => name.startsWith("eval"))!));
    const missing = await lintel(
      "audit",
      "--model",
      join(out("stopped"), "models", "crop", "joint", "0"),
      "--data",
      join(data, ".."),
    );
    expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/^lintel: .*eval/)]);
    for (const { err, out: stdout } of [foreign, cut, missing]) {
      expect(err.trim().split("\n"), err).toHaveLength(1);
      expect(stdout).toBe("");
    }
  });
});
