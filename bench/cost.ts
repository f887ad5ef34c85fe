/**
 * Everything that is asked of the cost of decoding and auditing, measured in one go; for an idle machine:
 *   npm run bench:cost [-- ROUNDS]
 * Runs bench:decode and bench:audit ROUNDS times (1) and prints their JSON lines, then a table of what has a bar: the middle
 * of the rounds, the bar, whether it is kept. Exits with 1 where one is missed.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BenchLine, summary } from "./bars.ts";
import { nodeArguments } from "./processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The lines of a program; one that misses a bar fails, but has said what it measured. */
async function linesOf(program: string): Promise<BenchLine[]> {
  const run = promisify(execFile)(process.execPath, nodeArguments(program), {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  const { stdout, stderr } = await run.catch((error: Partial<Record<"stdout" | "stderr", string>>) => error);
  process.stderr.write(stderr ?? "");
  return (stdout ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const lines: BenchLine[] = [];
for (let round = 0; round < Number(process.argv[2] ?? 1); round++) {
  for (const program of ["bench/decode.ts", "bench/audit.ts"]) {
    for (const line of await linesOf(program)) {
      console.log(JSON.stringify(line));
      lines.push(line);
    }
  }
}
const rows = summary(lines);
for (const { what, value, bar, atMost, kept } of rows) {
  console.log(
    `${kept ? "kept  " : "MISSED"} ${value.toPrecision(4)} (${atMost ? "at most" : "at least"} ${bar})  ${what}`,
  );
}
process.exitCode = rows.length > 0 && rows.every(({ kept }) => kept) ? 0 : 1;
