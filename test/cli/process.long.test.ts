/** What only a process of its own shows: exit codes, signals, pipes, streams. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program, start, until } from "./run.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-process-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Long enough to be interrupted. */
const long = (name: string): string[] => [
  "generate",
  "tetris",
  "--out",
  join(scratch, name),
  "--train",
  "500000",
];

describe("the program", () => {
  it("tries the devices: the CPU works, and of others it says why not; stdout is one JSON document", async () => {
    const { code, out, err } = await start(["doctor", "--json"]).ended;
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(report.cores.usable).toBeGreaterThanOrEqual(1);
    expect(report.devices.map(({ device }: { device: string }) => device)).toEqual(["cpu", "cuda", "webgpu"]);
    expect(report.devices[0]).toMatchObject({ available: true });
    expect(report.devices[0].gflops).toBeGreaterThan(0.1);
    for (const { available, reason } of report.devices) expect(available || reason.length > 0).toBe(true);
    expect(err).not.toContain("onnxruntime");
  });

  it.concurrent.each(["SIGINT", "SIGTERM"] as const)(
    "ends with 130 on %s, with a word about what to do",
    async (signal) => {
      const child = start(long(signal));
      await until(child, /generate tetris/);
      child.kill(signal);
      const { code, out, err } = await child.ended;
      expect([code, out], err).toEqual([130, ""]);
      expect(err).toContain(
        "stopping after this step; press Ctrl-C again to abort now. Rerun the same command to resume.",
      );
      expect(err).not.toMatch(/error|at .*\.js/);
    },
  );

  it.concurrent("asks to be tried again on Slurm's warning that its time is up", async () => {
    const child = start(long("usr2"));
    await until(child, /generate tetris/);
    child.kill("SIGUSR2");
    expect((await child.ended).code).toBe(75);
  });

  it.concurrent("stops when the executor that started it is gone", async () => {
    const child = start(long("orphan"), { LINTEL_STDIN_IS_PARENT: "1" });
    await until(child, /generate tetris/);
    child.stdin!.end();
    expect((await child.ended).code).toBe(130);
  });

  it("ends quietly when nobody reads its output", async () => {
    const shell = `"$NODE" "$PROGRAM" --help | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const env = { ...process.env, NODE: process.execPath, PROGRAM: program };
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", shell], { env });
    expect(stdout).toBe("Usage: lintel [options] [command]\n0\n");
    expect(stderr).toBe("");

    const child = spawn(process.execPath, [program, "doctor"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    expect(err).not.toContain("EPIPE");
  });

  it.runIf(existsSync("/dev/full"))("says so when its output cannot be written", async () => {
    const shell = `"$NODE" "$PROGRAM" doctor --json > /dev/full`;
    const env = { ...process.env, NODE: process.execPath, PROGRAM: program };
    const { code, stderr } = await promisify(execFile)("bash", ["-c", shell], { env }).catch(
      (error) => error,
    );
    expect(code).toBe(1);
    expect(stderr).toContain(
      "lintel: standard output: expected to be able to write, got a full disk (ENOSPC)",
    );
  });

  it("colours messages only where that is wanted", async () => {
    const argv = ["report", join(scratch, "none")];
    const plain = await start(argv, { NO_COLOR: "1" }).ended;
    expect(plain.err).toMatch(/^lintel: /);
    const forced = await start(argv, { FORCE_COLOR: "1", NO_COLOR: "" }).ended;
    expect(forced.err).toContain("\u001b[31mlintel:");
    expect([plain.code, forced.code]).toEqual([1, 1]);
  });

  it("shows where an error happened when asked to", async () => {
    const quiet = await start(["report", join(scratch, "none")]).ended;
    const debug = await start(["report", join(scratch, "none")], { LINTEL_DEBUG: "1" }).ended;
    expect(quiet.err).not.toContain("readResults");
    expect(debug.err).toContain("readResults");
  });

  it("needs no folder of its own to be the current one", async () => {
    expect(existsSync(program)).toBe(true);
    const { stdout } = await promisify(execFile)(process.execPath, [program, "--version"], { cwd: scratch });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
