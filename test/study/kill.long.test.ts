/** The real smoke study, killed where it hurts, and what a run says when something in it was broken. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program, type Started, start } from "../cli/run.ts";
import { filesOf, lastingOf } from "../support/lasting.ts";

const MINUTES = 60_000;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-kill-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const run = (name: string): string => join(scratch, name);
const smoke = (name: string): Started => start(["study", "smoke", "--out", run(name), "--json"]);

/** Waits until `path` in a run is there with so many bytes; fails where the study ends before. */
async function grown(child: Started, name: string, path: string, bytes = 1): Promise<void> {
  let over = false;
  void child.ended.then(() => {
    over = true;
  });
  const full = join(run(name), path);
  while ((statSync(full, { throwIfNoEntry: false })?.size ?? 0) < bytes) {
    if (over) throw new Error(`the study ended before ${path} was there: ${(await child.ended).err}`);
    await sleep(5);
  }
}

/** The process that works on a cell, from the cell's lock. */
function workerOf(name: string, cell: string): number {
  const lock = join(run(name), `.cell-${cell.replaceAll("/", "-")}.lock`);
  return JSON.parse(readFileSync(lock, "utf8")).pid;
}

describe("the smoke study", () => {
  it("runs to its end with every cell and finding", {
    timeout: 4 * MINUTES,
  }, async () => {
    const { code, out, err } = await smoke("whole").ended;
    expect(code, err).toBe(0);
    const results = JSON.parse(out);
    expect(results.cells).toHaveLength(5);
    expect(results.findings.map(({ id }: { id: string }) => id)).toEqual([
      "F1",
      "F2",
      "F3",
      "F4",
      "F5",
      "F6",
      "F7",
    ]);
  });

  it("killed three times, ends with the same bytes", { timeout: 6 * MINUTES }, async () => {
    // While datasets are written: half of them are there.
    const first = smoke("killed");
    await grown(first, "killed", "datasets/tetris/lintel.json");
    first.kill("SIGKILL");
    expect((await first.ended).signal).toBe("SIGKILL");
    expect(existsSync(join(run("killed"), "results.json"))).toBe(false);

    // In the middle of a training that has saved a state; this time only the worker dies, and the study says so.
    const second = smoke("killed");
    await grown(second, "killed", "models/tetris/joint/0/state.safetensors");
    process.kill(workerOf("killed", "tetris/joint/0"), "SIGKILL");
    const { code, err } = await second.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/1 failed .*tetris\/joint\/0: the worker was killed \(SIGKILL\)/s);

    // In the middle of an audit, some of whose outcomes are journalled; the workers are orphaned.
    const third = smoke("killed");
    await grown(third, "killed", "audits/crop/joint/0/eval/outcomes.jsonl");
    third.kill("SIGKILL");
    expect((await third.ended).signal).toBe("SIGKILL");
    expect(existsSync(join(run("killed"), "results.json"))).toBe(false);

    const last = await smoke("killed").ended;
    expect(last.code, last.err).toBe(0);
    const [want, got] = [lastingOf(run("whole")), lastingOf(run("killed"))];
    expect([...got.keys()]).toEqual([...want.keys()]);
    for (const [path, text] of want) expect(got.get(path) === text, `${path} differs`).toBe(true);
  });
});

describe("a run in which something is broken", () => {
  /** A copy of the finished run that lacks its results, so that the study goes on in it. */
  const unfinished = (name: string, ...without: string[]): string => {
    const to = run(name);
    cpSync(run("whole"), to, { recursive: true });
    for (const path of ["results.json", "report.html", ...without])
      rmSync(join(to, path), { recursive: true });
    return to;
  };
  const locks = (path: string): boolean => path.endsWith(".lock");

  /** Runs the study, which fails, and expects that everything that was there still is. */
  async function failure(
    name: string,
    argv = ["study", "smoke"],
  ): Promise<{ code: number | null; err: string }> {
    const before = filesOf(run(name));
    const { code, out, err } = await start([...argv, "--out", run(name)]).ended;
    expect(out).toBe("");
    expect(err).not.toMatch(/\n\s+at /);
    const after = filesOf(run(name));
    for (const [path, text] of before) expect(after.get(path) === text, `${path} was lost`).toBe(true);
    expect([...after.keys()].filter(locks)).toEqual([]);
    return { code, err };
  }

  /** The study goes on after the repair, and finds what it would have found. */
  async function recovers(name: string): Promise<void> {
    const { code, err } = await smoke(name).ended;
    expect(code, err).toBe(0);
    const [want, got] = [lastingOf(run("whole")), lastingOf(run(name))];
    expect(got.get("results.json")).toBe(want.get("results.json"));
    expect([...got.keys()]).toEqual([...want.keys()]);
  }

  it("a state that a kill between the last two steps of a training left is removed", {
    timeout: 2 * MINUTES,
  }, async () => {
    unfinished("state", "audits/crop/text");
    const model = join(run("state"), "models", "crop", "text", "0");
    cpSync(join(model, "model.safetensors"), join(model, "state.safetensors"));
    await recovers("state");
  });

  it("a checkpoint that is cut off is named; trained again, all is well", {
    timeout: 2 * MINUTES,
  }, async () => {
    unfinished("cut", "audits/crop/text");
    const model = join(run("cut"), "models", "crop", "text", "0");
    truncateSync(join(model, "model.safetensors"), 10_000);
    const { code, err } = await failure("cut");
    expect(code).toBe(1);
    expect(err).toMatch(/models\/crop\/text\/0: model.safetensors was changed \(10000 bytes, were \d+\)/);
    rmSync(model, { recursive: true });
    await recovers("cut");
  });

  it("a checkpoint of another model is named", { timeout: MINUTES }, async () => {
    unfinished("foreign", "audits/crop/text");
    const from = join(run("foreign"), "models", "tetris", "text", "0", "model.safetensors");
    const to = join(run("foreign"), "models", "crop", "text", "0", "model.safetensors");
    cpSync(from, to);
    const { code, err } = await failure("foreign");
    expect(code).toBe(1);
    expect(err).toMatch(/models\/crop\/text\/0: model.safetensors was changed/);
  });

  it("a dataset shard that is missing is named; brought back, all is well", {
    timeout: 2 * MINUTES,
  }, async () => {
    unfinished("shard", "audits/crop/joint/0/masked");
    const shard = join(run("shard"), "datasets", "crop", "data", "masked-00000-of-00001.parquet");
    const bytes = readFileSync(shard);
    rmSync(shard);
    const { code, err } = await failure("shard");
    expect(code).toBe(1);
    expect(err).toContain("datasets/crop: data/masked-00000-of-00001.parquet is missing");
    writeFileSync(shard, bytes);
    await recovers("shard");
  });

  it.each([
    ["audits/tetris/joint/0/eval/audit.json", "{}"],
    ["audits/tetris/joint/0/eval/audit.json", '{"split": "ev'],
    ["models/tetris/joint/0/training.json", '{"steps": "many"}'],
    ["study.json", "[]"],
  ])("%s that says %s is named", async (path, content) => {
    const name = `json-${content.length}`;
    unfinished(name);
    writeFileSync(join(run(name), path), content);
    const { code, err } = await failure(name);
    expect([1, 2]).toContain(code);
    expect(err).toContain(run(name));
    if (path !== "study.json") expect(err).toContain(`${dirname(path)}: ${basename(path)} was changed`);
    expect(err).toMatch(/Try (restoring them|another --out|another directory)/);
  });

  it("a directory of another study is refused with 2", async () => {
    for (const argv of [
      ["study", "pocket"],
      ["study", "smoke", "--seeds", "2"],
    ]) {
      const { code, err } = await failure("whole", argv);
      expect(code).toBe(2);
      expect(err).toMatch(/got another one \(study: .*. Try another directory \(--out\)/);
    }
  });

  it("a directory that cannot be written is named", async () => {
    const file = join(scratch, "file");
    writeFileSync(file, "");
    for (const out of ["/proc/lintel", join(file, "run")]) {
      const { code, out: stdout, err } = await start(["study", "smoke", "--out", out]).ended;
      expect([code, stdout]).toEqual([1, ""]);
      expect(err).toContain(`lintel: ${out}: expected to be able to write`);
    }
  });

  it("a disk that is full is named, and the study goes on from there", { timeout: MINUTES }, async () => {
    unfinished("full", "audits/crop/text", "models/crop/text/0/training.json");
    const before = filesOf(run("full"));
    // No file may grow beyond 300 KiB: the checkpoint does.
    const shell = 'ulimit -f 300; exec "$0" "$@"';
    const argv = ["-c", shell, process.execPath, program, "study", "smoke", "--out", run("full")];
    const { status, stderr } = spawnSync("bash", argv, { encoding: "utf8" });
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(
      /crop\/text\/0: \S*full\/models\/crop\/text\/0\/\S*: expected to be able to write, got .*EFBIG/,
    );
    const after = filesOf(run("full"));
    const lost = [...before].filter(([path, text]) => after.get(path) !== text).map(([path]) => path);
    // The journal of the training that was asked for again is written again.
    expect(lost.filter((path) => path !== "models/crop/text/0/training.jsonl")).toEqual([]);
    await recovers("full");
  });
});
