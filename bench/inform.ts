/**
 * `lintel inform` beside that of commit f22dc785, built here from the repository's history, on the same datasets:
 *   [ROUNDS=3] npm run bench:inform [-- CASE ...]
 * Runs alternate: ours, theirs, ours, theirs. Prints JSON lines with the median of the ratios of wall time, their range, and
 * the same of processor time. Exits with 1 where verdicts differ or something could not be measured.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lintelVersion } from "../src/util/index.ts";
import { report } from "./history.ts";
import { done, errorsOf, middle, pairsOf, ratiosOf } from "./pairs.ts";
import { chosenOf, failed, timedRun } from "./processes.ts";

const BEFORE = "f22dc785f13a3afb4691d899084677d576004b20";
const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-inform-"));
const now = join(root, "bin", "lintel.js");

/** Datasets by name: arguments of `lintel generate`, and how many of their examples are measured. */
const cases = {
  tetris: { task: "tetris", n: 500, more: [] },
  "crop-masked": { task: "crop-masked", n: 500, more: [] },
  "tetris, pocket size": { task: "tetris", n: 1000, more: ["--set", "rendering=pocket"] },
};

/** The program of the older commit. */
function before(): string {
  const directory = join(scratch, "before");
  mkdirSync(directory);
  const archive = join(scratch, "before.tar");
  execFileSync("git", ["archive", "--format=tar", "-o", archive, BEFORE], { cwd: root });
  execFileSync("tar", ["-xf", archive, "-C", directory]);
  // What it needs is a part of what is installed here, in the same versions.
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--noCheck"], { cwd: directory });
  const program = join(directory, "bin", "lintel.js");
  if (!existsSync(join(directory, "dist", "cli", "main.js"))) throw new Error(`${BEFORE} was not built`);
  return program;
}

interface InformRun {
  seconds: number;
  cpu: number;
  verdict: string;
  bits: number;
}

/** One run of `inform`. */
async function inform(program: string, data: string, n: number): Promise<InformRun | { error: string }> {
  const out = join(scratch, "inform");
  rmSync(out, { recursive: true, force: true });
  const args = ["inform", data, "--limit", String(n), "--out", out];
  const run = await timedRun("inform", process.execPath, [program, ...args]);
  if (failed(run)) return run;
  const { verdict, information } = JSON.parse(readFileSync(join(out, "inform.json"), "utf8")) as {
    verdict: string;
    information: { bits?: number; value?: number };
  };
  return { seconds: run.seconds, cpu: run.cpu, verdict, bits: information.bits ?? information.value ?? 0 };
}

try {
  const chosen = chosenOf("inform", cases);
  console.error("bench:inform: building the older commit");
  const then = before();
  for (const name of chosen) {
    const { task, n, more } = cases[name];
    const data = join(scratch, "data", name.replaceAll(/\W/g, "-"));
    const sizes = ["--train", String(n), "--eval", "8", "--held-out", "0"];
    const made = await timedRun("generate", process.execPath, [
      now,
      "generate",
      task,
      "--out",
      data,
      ...sizes,
      ...more,
    ]);
    if (failed(made)) throw new Error(made.error);
    const pairs = await pairsOf(
      (round) => {
        console.error(`bench:inform: ${name}, round ${round + 1}`);
        return inform(now, data, n);
      },
      () => inform(then, data, n),
    );
    const errors = errorsOf(pairs.flatMap(({ ours, theirs }) => [ours, theirs]));
    const verdicts = {
      ours: done(pairs, "ours").map(({ verdict }) => verdict),
      theirs: done(pairs, "theirs").map(({ verdict }) => verdict),
    };
    const equal = new Set([...verdicts.ours, ...verdicts.theirs]).size === 1;
    report({
      bench: "inform",
      case: `${name}, ${n} examples`,
      peer: `inform of commit ${BEFORE.slice(0, 8)}`,
      ours: middle(pairs, "ours", ({ seconds }) => seconds),
      theirs: middle(pairs, "theirs", ({ seconds }) => seconds),
      unit: "s",
      ...ratiosOf(pairs, ({ seconds }) => seconds),
      cpuRatio: ratiosOf(pairs, ({ cpu }) => cpu).ratio,
      bits: {
        ours: middle(pairs, "ours", ({ bits }) => bits),
        theirs: middle(pairs, "theirs", ({ bits }) => bits),
      },
      verdicts: { ours: verdicts.ours[0] ?? null, theirs: verdicts.theirs[0] ?? null, equal },
      versions: { lintel: lintelVersion(), node: process.versions.node },
      ...(errors.length > 0 && { failed: errors }),
    });
    if (!equal || errors.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
