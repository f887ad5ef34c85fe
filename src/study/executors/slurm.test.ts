import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../util/index.ts";
import { runSlurm } from "./slurm.ts";
import type { ExecutorOptions, Job } from "./types.ts";

/** The fake cluster of test/fakes/slurm, see its README. */
const fakes = fileURLToPath(new URL("../../../test/fakes/slurm", import.meta.url));
const path = process.env.PATH;
let root: string;
let cluster: string;
let run: string;
let journal: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lintel slurm-"));
  [cluster, run, journal] = [join(root, "cluster"), join(root, "run"), join(root, "journal")];
  process.env.FAKE_SLURM = cluster;
  process.env.PATH = `${fakes}:${path}`;
  writeFileSync(journal, "");
  mkdirSync(cluster);
});
afterEach(() => {
  process.env.PATH = path;
  delete process.env.FAKE_SLURM;
  rmSync(root, { recursive: true });
});

function job(id: string, needs: string[] = [], body = ""): Job {
  return { id, needs, argv: [`${body}\necho ${id} >> "$JOURNAL"`] };
}
/** A site's front end before sbatch; REAL is the cluster's own. */
function frontEnd(body: string): string {
  const place = join(root, "site");
  mkdirSync(place);
  const text = body.replaceAll("REAL", `"${join(fakes, "sbatch")}"`);
  writeFileSync(join(place, "sbatch"), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  process.env.PATH = `${place}:${process.env.PATH}`;
  return place;
}
const lines = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n").filter(Boolean);
const calls = (program: string): string[] =>
  lines(join(cluster, "calls")).filter((line) => line.startsWith(`${program} `));
const options = (more: Partial<ExecutorOptions> = {}): ExecutorOptions => ({
  run,
  command: ["env", `JOURNAL=${journal}`, "bash", "-c"],
  pollSeconds: 0.05,
  ...more,
});

describe("runSlurm", () => {
  it("submits one array per set of needs, in order, and passes progress on", async () => {
    const event = { label: "train a", done: 3, total: 4, unit: "steps" };
    const seen: ProgressEvent[] = [];
    const say = `echo '${JSON.stringify({ type: "progress", ...event })}'`;
    const jobs = [
      job("c", ["a"]),
      job("a", [], say),
      job("b", ["finished before"]),
      job("d", ["a"]),
      job("e", ["b", "c"]),
      job("f", ["b"]),
    ];
    await runSlurm(jobs, options({ onProgress: (progress) => seen.push(progress) }));
    expect(lines(journal).sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(lines(journal).indexOf("a")).toBeLessThan(lines(journal).indexOf("c"));
    expect(calls("sbatch")).toEqual([
      "sbatch --parsable 0_submission.sh",
      "sbatch --parsable --dependency=afterok:101_0 --kill-on-invalid-dep=yes 1_submission.sh",
      "sbatch --parsable --dependency=afterok:101_1 --kill-on-invalid-dep=yes 2_submission.sh",
      "sbatch --parsable --dependency=afterok:101_1:102_0 --kill-on-invalid-dep=yes 3_submission.sh",
    ]);
    expect(seen).toContainEqual(event);
    expect(seen.at(-1)).toEqual({ label: "study", done: 6, total: 6, unit: "cells" });
    expect(calls("scancel")).toEqual([]);
  });

  it("quotes a worker's error, lets others finish, and does not run what needs the failed one", async () => {
    const error = JSON.stringify({ type: "error", code: "dataset", message: "it's missing a shard" });
    const fail = `cat <<'END'\n${error}\nEND\nexit 1`;
    const jobs = [job("bad", [], fail), job("lost", ["bad"]), job("good"), job("later", ["good"])];
    await expect(runSlurm(jobs, options())).rejects.toMatchObject({
      code: "dataset",
      message: expect.stringContaining("1 failed (bad: it's missing a shard); not run without them: lost"),
    });
    expect(lines(journal).sort()).toEqual(["good", "later"]);
  });

  it("requeues a task that ran out of time, three times at most", async () => {
    const tries = (name: string, most: number): string =>
      `n=$(($(cat "$JOURNAL.${name}" 2>/dev/null || echo 0) + 1)); echo $n > "$JOURNAL.${name}"; [ $n -gt ${most} ] || exit 75`;
    await runSlurm([job("slow", [], tries("slow", 3))], options());
    expect(lines(journal)).toEqual(["slow"]);
    expect(calls("scontrol")).toEqual(Array(3).fill("scontrol requeue 101_0"));

    await expect(runSlurm([job("endless", [], tries("endless", 99))], options())).rejects.toThrow(
      /endless: task 102_0 ran out of time 4 times. Try a larger timeout_min/,
    );
    expect(calls("scontrol")).toHaveLength(6);
    expect(readFileSync(`${journal}.endless`, "utf8").trim()).toBe("4");
  });

  it("tells how a task ended that left no word: exit code and standard error, or the accounting's state", async () => {
    await expect(runSlurm([job("a", [], "echo no luck >&2; exit 3")], options())).rejects.toThrow(
      /a: task 101_0 ended with exit code 3; its output ended with: no luck/,
    );
    // Slurm kills the script itself, as it does with one that uses too much memory.
    const killed = job("b", [], `echo OUT_OF_MEMORY > "$FAKE_SLURM/state/102_0"; kill -9 $PPID`);
    await expect(runSlurm([killed], options())).rejects.toThrow(
      /b: task 102_0 left the queue: OUT_OF_MEMORY/,
    );
  });

  it("cancels its tasks on an abort and throws the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const begun = `echo '${JSON.stringify({ type: "progress", label: "up", done: 0, total: 1, unit: "x" })}'; exec sleep 60`;
    const done = runSlurm(
      [job("a", [], begun), job("b", ["a"])],
      options({
        signal: controller.signal,
        onProgress: ({ label }) => label === "up" && controller.abort(reason),
      }),
    );
    await expect(done).rejects.toBe(reason);
    expect(calls("scancel")).toEqual(["scancel 101_0 102_0"]);
    expect(readdirSync(join(cluster, "queue"))).toEqual([]);
    expect(lines(journal)).toEqual([]);
  });

  it("started again, watches tasks that are still queued instead of submitting them twice", async () => {
    await runSlurm([job("a")], options());
    writeFileSync(join(cluster, "hold"), "");
    const controller = new AbortController();
    const jobs = [job("b"), job("c", ["b"])];
    // The first watcher submits and then sleeps, which is all that the cluster sees of one that was killed.
    const dying = runSlurm(jobs, options({ signal: controller.signal, pollSeconds: 600 }));
    const record = join(run, "slurm", "submitted.json");
    while (!readFileSync(record, "utf8").includes('"c"'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    const again = runSlurm(jobs, options());
    while (calls("squeue").length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    rmSync(join(cluster, "hold"));
    await again;
    controller.abort(new Error("gone"));
    await expect(dying).rejects.toThrow("gone");
    expect(lines(journal)).toEqual(["a", "b", "c"]);
    expect(calls("sbatch")).toHaveLength(3);
  });

  it("bears a silent controller for a while, and says so when it stays silent", async () => {
    const say = `echo '${JSON.stringify({ type: "progress", label: "up", done: 0, total: 1, unit: "x" })}'; sleep 0.3`;
    const deaf = join(cluster, "deaf");
    await runSlurm(
      [job("a", [], say)],
      options({
        pollSeconds: 0.1,
        onProgress: ({ label }) => {
          if (label !== "up") return;
          writeFileSync(deaf, "");
          setTimeout(() => rmSync(deaf), 350);
        },
      }),
    );
    const stays = job("b", [], say);
    await expect(
      runSlurm([stays], options({ onProgress: ({ label }) => label === "up" && writeFileSync(deaf, "") })),
    ).rejects.toThrow(/expected squeue to answer, got slurm_load_jobs error: Unable to contact/);
  });

  it.each([
    ["greets", 'echo "--- Welcome ---"; echo "--> Verifying access to queue (cpu)... OK"; exec REAL "$@"'],
    ["names the cluster", 'echo "$(REAL "$@");alpha"'],
    ["says goodbye", 'REAL "$@"; echo "Have a nice day"; echo "2 jobs left of your quota"'],
    [
      "greets in colors and with carriage returns",
      'printf "\\033[1;32mHello\\033[0m\\r\\n"; printf "\\033[1m%s\\033[0m\\r\\n" "$(REAL "$@")"',
    ],
    ["counts on a line of its own", 'echo 2048; REAL "$@"; echo 7'],
    ["is not asked for --parsable", 'echo "Submitted batch job $(REAL "$@")"'],
    ["warns with numbers", 'echo "sbatch: lua: 3 nodes, account 99"; REAL "$@"'],
  ])("finds the number where sbatch %s", async (_name, body) => {
    frontEnd(body);
    writeFileSync(join(cluster, "hold"), "");
    const done = runSlurm([job("a"), job("b", ["a"])], options());
    const record = join(run, "slurm", "submitted.json");
    while (!(existsSync(record) && readFileSync(record, "utf8").includes('"b"')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    rmSync(join(cluster, "hold"));
    await done;
    expect(lines(journal)).toEqual(["a", "b"]);
    expect(lines(record).join("")).toMatch(/"a": "101_0", {2}"b": "102_0"/);
    expect(calls("sbatch")).toHaveLength(2);
  });

  it.each([
    ["says nothing", 'REAL "$@" > /dev/null', /expected one line with the job's number .*, got nothing/],
    ["gives words", 'echo "Job $(REAL "$@") is on its way"', /got none in: Job 101 is on its way/],
    ["gives a number with a unit", 'REAL "$@" > /dev/null; echo 64GB', /got none in: 64GB/],
    [
      "gives two that are both unknown",
      'REAL "$@" > /dev/null; echo 55; echo 66',
      /got 2 of them in: 55 \/ 66/,
    ],
  ])("takes no wrong number where sbatch %s", async (_name, body, message) => {
    frontEnd(body);
    const refused = runSlurm([job("a", [], "sleep 0.1")], options());
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(/squeue --me/);
    expect(existsSync(join(run, "slurm", "submitted.json"))).toBe(false);
    while (readdirSync(join(cluster, "queue")).length > 0) await new Promise((r) => setTimeout(r, 20));
  });

  it("submits no more than 1000 tasks at once", async () => {
    const many = Array.from({ length: 1002 }, (_, i) => job(`j${i}`));
    const controller = new AbortController();
    frontEnd(
      'for script; do :; done; sed -n "s/^#SBATCH --array=//p" "$script" >> "$FAKE_SLURM/arrays"; echo "$((500 + $(wc -l < "$FAKE_SLURM/arrays")))"',
    );
    writeFileSync(join(root, "site", "scancel"), "#!/usr/bin/env bash\n", { mode: 0o755 });
    const done = runSlurm(many, options({ signal: controller.signal, pollSeconds: 600 }));
    const record = join(run, "slurm", "submitted.json");
    while (!(existsSync(record) && readFileSync(record, "utf8").includes("j1001")))
      await new Promise((r) => setTimeout(r, 20));
    controller.abort(new Error("enough"));
    await expect(done).rejects.toThrow("enough");
    expect(lines(join(cluster, "arrays"))).toEqual(["0-999%256", "0-1%256"]);
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({
      j0: "501_0",
      j999: "501_999",
      j1000: "502_0",
      j1001: "502_1",
    });
  });

  it("says when there is no Slurm here, before anything is written", async () => {
    process.env.PATH = join(root, "nothing");
    await expect(runSlurm([job("a")], options())).rejects.toThrow(
      /expected squeue to answer, got no such program. Try --executor local/,
    );
    await expect(runSlurm([job("a")], options({ slurm: { mem: 3 } }))).rejects.toMatchObject({
      code: "usage",
    });
    expect(existsSync(join(run, "slurm", "0_submission.sh"))).toBe(false);
  });
});
