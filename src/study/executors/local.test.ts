import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../util/index.ts";
import { runLocal } from "./local.ts";
import type { Job } from "./types.ts";

let run: string;
let journal: string;
const command = [process.execPath, "-e"];
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), "lintel-local-"));
  journal = join(run, "journal");
  writeFileSync(journal, "");
});
afterEach(() => rmSync(run, { recursive: true }));

/** A job that notes its begin and its end in the journal around `body`. */
function job(id: string, needs: string[], body = ""): Job {
  const note = (what: string) =>
    `require("fs").appendFileSync(${JSON.stringify(journal)}, "${what} ${id}\\n");`;
  return { id, needs, argv: [`(async () => { ${note("begin")} ${body}; ${note("end")} })()`] };
}
const lines = (): string[] => readFileSync(journal, "utf8").trim().split("\n");
const say = (event: object): string => `console.log(${JSON.stringify(JSON.stringify(event))})`;

describe("runLocal", () => {
  it("runs jobs after what they need and passes their progress on", async () => {
    const event = { label: "train a", done: 1, total: 2, unit: "steps", note: "loss 0.5" };
    const seen: ProgressEvent[] = [];
    const finished: [string, number][] = [];
    await runLocal(
      [job("b", ["a"]), job("a", [], `console.log("noise"); ${say({ type: "progress", ...event })}`)],
      {
        run,
        command,
        workers: 2,
        onProgress: (progress) => seen.push(progress),
        onFinished: (id) => finished.push([id, lines().length]),
      },
    );
    expect(finished).toEqual([
      ["a", 2],
      ["b", 4],
    ]);
    expect(lines()).toEqual(["begin a", "end a", "begin b", "end b"]);
    expect(seen).toContainEqual(event);
    expect(seen.at(-1)).toEqual({ label: "study", done: 2, total: 2, unit: "cells" });
  });

  it("starts a job when what it reads has been made, while others run", async () => {
    let make = (): void => undefined;
    const after = new Promise<void>((resolve) => {
      make = resolve;
    });
    const late = { ...job("late", []), after };
    await runLocal([late, job("b", ["late"]), job("now", [])], {
      ...{ run, command, workers: 2 },
      onFinished: (id) => id === "now" && make(),
    });
    expect(lines()).toEqual(["begin now", "end now", "begin late", "end late", "begin b", "end b"]);
  });

  it("stops where what a job reads cannot be made, and waits for those that run", async () => {
    const after = new Promise<void>((_, reject) => {
      const look = setInterval(() => {
        if (!lines().includes("begin now")) return;
        clearInterval(look);
        reject(new Error("no room for the dataset"));
      }, 5);
    });
    const jobs = [
      { ...job("late", []), after },
      job("now", [], "await new Promise((r) => setTimeout(r, 60_000))"),
    ];
    await expect(runLocal(jobs, { run, command, workers: 2 })).rejects.toThrow("no room for the dataset");
    expect(lines()).toEqual(["begin now"]);
  });

  it("never runs more jobs at a time than workers, and does run that many", async () => {
    // Each job waits until another one has begun; with one worker that would never come.
    const wait = `while (require("fs").readFileSync(${JSON.stringify(journal)}, "utf8").split("begin").length < 3) await new Promise((r) => setTimeout(r, 10))`;
    await runLocal([job("a", [], wait), job("b", [], wait), job("c", [])], { run, command, workers: 2 });
    let open = 0;
    let most = 0;
    for (const line of lines()) {
      open += line.startsWith("begin") ? 1 : -1;
      most = Math.max(most, open);
    }
    expect(most).toBe(2);
    expect(lines()).toHaveLength(6);
  });

  it("quotes a failed job, drops its dependents, and finishes the others", async () => {
    const fail = `${say({ type: "error", code: "dataset", message: "shard 2 is missing" })}; process.exit(1)`;
    const jobs = [
      job("bad", [], fail),
      job("needs-bad", ["bad"]),
      job("good", []),
      job("after-good", ["good"]),
    ];
    await expect(runLocal(jobs, { run, command, workers: 1 })).rejects.toMatchObject({
      code: "dataset",
      message: expect.stringContaining("1 failed (bad: shard 2 is missing); not run without them: needs-bad"),
    });
    expect(lines()).toEqual(["begin bad", "begin good", "end good", "begin after-good", "end after-good"]);
  });

  it("says how a worker died that did not say so itself", async () => {
    const killed = job("killed", [], "process.kill(process.pid, 'SIGKILL')");
    await expect(runLocal([killed], { run, command })).rejects.toThrow(
      /killed: the worker was killed \(SIGKILL\).*memory/,
    );
    const crashed = job(
      "crashed",
      [],
      'process.stderr.write("line one\\nout of luck\\n"); process.exitCode = 3',
    );
    await expect(runLocal([crashed], { run, command })).rejects.toThrow(
      /exit code 3; its output ended with: line one \/ out of luck/,
    );
    await expect(runLocal([job("x", [])], { run, command: ["/no/such/program"] })).rejects.toThrow(
      /could not be started/,
    );
  });

  it("asks workers to stop on an abort, starts no further ones, and throws the reason", async () => {
    const controller = new AbortController();
    const patient =
      'process.on("SIGTERM", () => process.exit(130)); await new Promise((r) => setTimeout(r, 60000))';
    const ready = say({ type: "progress", label: "up", done: 0, total: 1, unit: "steps" });
    const jobs = [job("a", [], `${ready}; ${patient}`), job("b", [])];
    const reason = new Error("interrupted by the user");
    const done = runLocal(jobs, {
      run,
      command,
      workers: 1,
      signal: controller.signal,
      onProgress: ({ label }) => label === "up" && controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
    expect(lines()).toEqual(["begin a"]);
  });

  it("starts nothing when it was aborted before", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(runLocal([job("a", [])], { run, command, signal })).rejects.toThrow("too late");
    expect(readFileSync(journal, "utf8")).toBe("");
  });

  it("keeps the standard input of a worker open while it lives: its end tells workers that we are gone", async () => {
    const watch = `let ended = false; process.stdin.on("end", () => { ended = true }).resume(); await new Promise((r) => setTimeout(r, 50)); if (ended) process.exit(9); process.stdin.destroy()`;
    await runLocal([job("a", [], watch)], { run, command });
    expect(lines()).toEqual(["begin a", "end a"]);
  });
});
