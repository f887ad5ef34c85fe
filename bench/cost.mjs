// Everything that is asked of the cost of decoding and auditing, measured in one go; for an idle machine:
//   npm run bench:cost [-- ROUNDS]
// Runs bench:decode and bench:audit ROUNDS times (1) and prints their JSON lines, then a table of what has a bar: the middle
// of the rounds, the bar, whether it is kept. Exits with 1 where one is missed.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { summary } from "./bars.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The lines of a program; one that misses a bar fails, but has said what it measured. */
async function linesOf(program) {
  const run = promisify(execFile)(process.execPath, [program], { cwd: root, maxBuffer: 1 << 26 });
  const { stdout, stderr } = await run.catch((error) => error);
  process.stderr.write(stderr ?? "");
  return (stdout ?? "").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const lines = [];
for (let round = 0; round < Number(process.argv[2] ?? 1); round++) {
  for (const program of ["bench/decode.mjs", "bench/audit.mjs"]) {
    for (const line of await linesOf(program)) {
      console.log(JSON.stringify(line));
      lines.push(line);
    }
  }
}
const rows = summary(lines);
for (const { what, value, bar, atMost, kept } of rows) {
  console.log(`${kept ? "kept  " : "MISSED"} ${value.toPrecision(4)} (${atMost ? "at most" : "at least"} ${bar})  ${what}`);
}
process.exitCode = rows.length > 0 && rows.every(({ kept }) => kept) ? 0 : 1;
