/**
 * How long one waits before anything happens:
 *   npm run bench:start             `lintel --help`, the median of 20 starts, beside its limit of 150 ms
 *   npm run bench:start -- study    `npm ci && npm run study` in a fresh clone, until the first finding is on the screen,
 *                                   beside its limit of 60 s; then the study is stopped
 * Prints JSON lines; `ratio` is the limit over what was measured. Exits with 1 where a limit is passed. Wall time: for an idle
 * machine. The clone is of the last commit; `npm ci` uses the cache of npm.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { lintelVersion } from "../src/util/index.ts";
import { report } from "./history.ts";
import { median, rounded } from "./pairs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "bin", "lintel.js");
const STARTS = 20;
const HELP_MS = 150;
const FINDING_S = 60;
const versions = { lintel: lintelVersion(), node: process.versions.node };

/** Prints what was measured beside its limit. */
function beside(limit: number, measured: number, unit: string, line: object): void {
  report({
    bench: "start",
    peer: `at most ${limit} ${unit}`,
    ours: rounded(measured),
    theirs: limit,
    unit,
    ratio: rounded(limit / measured),
    ...line,
    versions,
  });
  if (measured > limit) process.exitCode = 1;
}

function help(): void {
  const times = Array.from({ length: STARTS }, () => {
    const began = performance.now();
    const { status } = spawnSync(process.execPath, [program, "--help"]);
    if (status !== 0) throw new Error(`lintel --help ended with ${status}`);
    return performance.now() - began;
  });
  beside(HELP_MS, median(times), "ms", {
    case: `lintel --help, median of ${STARTS}`,
    times: [Math.min(...times), Math.max(...times)].map(rounded),
  });
}

/** Ends a process and those that it started. */
function stop({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, "SIGINT");
  } catch {
    // It has ended.
  }
}

/** Seconds of a process until a line of its output says a finding; the lines that came before with their seconds. */
async function untilFinding(command: string, cwd: string, began: number): Promise<number> {
  const child = spawn("sh", ["-c", command], { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let found: number | null = null;
  const look = (line: string): void => {
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${seconds.toFixed(1).padStart(6)} s  ${line}\n`);
    if (found !== null || !/\bF[1-7] (?:holds|refuted|undecided)/.test(line)) return;
    found = seconds;
    stop(child);
  };
  createInterface({ input: child.stdout! }).on("line", look);
  createInterface({ input: child.stderr! }).on("line", look);
  await ended;
  if (found === null) throw new Error("the study ended without a finding");
  return found;
}

async function study(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-start-"));
  const clone = join(scratch, "clone");
  try {
    execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, clone]);
    const seconds = await untilFinding("npm ci && npm run study", clone, performance.now());
    beside(FINDING_S, seconds, "s", { case: "npm ci && npm run study, until the first finding" });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

await (process.argv.includes("study") ? study() : help());
