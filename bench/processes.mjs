// What the runners of `bench:train`, `bench:audit` and `bench:decode` share: cases by name, and one process after another.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { unknownName } from "../dist/util/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Python of the peers. */
export const python = process.env.LINTEL_PYTHON || join(root, ".venv", "bin", "python");

/** The cases that the command line names, all without; ends the program for an unknown one. `bench`: its name. */
export function chosenOf(bench, cases) {
  const chosen = process.argv.slice(2);
  for (const name of chosen) {
    if (!Object.hasOwn(cases, name)) {
      console.error(`bench:${bench}: ${unknownName("case", name, Object.keys(cases)).message}`);
      process.exit(2);
    }
  }
  return chosen.length > 0 ? chosen : Object.keys(cases);
}

/** A file of bench/BENCH/. */
export const programOf = (bench) => (file) => fileURLToPath(new URL(`${bench}/${file}`, import.meta.url));

/** Runs one process and reads the line that it prints. A failure is a result too. */
export const runnerOf =
  (bench) =>
  async (what, command, ...args) => {
    console.error(`bench:${bench}: ${what}`);
    try {
      const { stdout } = await promisify(execFile)(command, args.map(String), { cwd: root, maxBuffer: 1 << 26 });
      return JSON.parse(stdout.trim().split("\n").at(-1));
    } catch (error) {
      const said = (error.stderr ?? "").trim().split("\n").findLast((line) => /\S/.test(line));
      const reason =
        error.code === "ENOENT" ? `${command}: no such program; set LINTEL_PYTHON to a Python with torch` : said || error.message;
      console.error(`bench:${bench}: ${what}: failed: ${reason}`);
      return { error: `${what}: ${reason}` };
    }
  };
