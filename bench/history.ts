/** The history of benchmarks: every line that `npm run bench:*` prints is appended to bench/history.jsonl. */
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Provenance {
  date: string;
  commit: string;
  /** Whether the working tree had changes beyond the commit. */
  changed: boolean;
  processor: string;
  cores: number;
}

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

/** When, on what code and on which processor a benchmark runs. */
export function provenance(): Provenance {
  let [commit, changed] = ["unknown", false];
  try {
    commit = git("rev-parse", "--short=10", "HEAD");
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "bench") !== "";
  } catch {
    // An unpacked archive has no history.
  }
  const all = cpus();
  return {
    date: new Date().toISOString(),
    commit,
    changed,
    processor: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
  };
}

/** A line of the history: where it comes from, then the result. */
export const historyLine = (result: object, from: Provenance): string =>
  `${JSON.stringify({ ...from, ...result })}\n`;

const from = provenance();

/** Prints a result as one JSON line, and appends it to the history (LINTEL_BENCH_HISTORY names another file). */
export function report(result: object): void {
  console.log(JSON.stringify(result));
  const file = process.env.LINTEL_BENCH_HISTORY ?? fileURLToPath(new URL("history.jsonl", import.meta.url));
  appendFileSync(file, historyLine(result, from));
}
