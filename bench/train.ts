/**
 * One training step against PyTorch (eager, torch.compile) and jax-js, on the same weights, batches and data:
 *   [ROUNDS=3] [THREADS=1,2] npm run bench:train [-- CASE ...]
 * Prints JSON lines: per case the share of what ONNX Runtime's matrix products alone take; then a comparison per case, peer
 * and number of threads, equal on both sides: runs alternate (ours, theirs, ours, theirs), and `ratio` is the median of the
 * ratios of the pairs, `range` the smallest and largest. One process after the other. Exits with 1 where losses disagree or
 * something could not be measured. Python: LINTEL_PYTHON, else .venv/bin/python.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimeVersions } from "../src/graph/index.ts";
import { lintelVersion } from "../src/util/index.ts";
import { report } from "./history.ts";
import { done, pairsOf } from "./pairs.ts";
import { chosenOf, failed as hasFailed, nodeArguments, programOf, python, runnerOf } from "./processes.ts";
import { cases } from "./train/cases.ts";
import { ceiling, comparison, type Failure, type Products, type Run } from "./train/lines.ts";

const THREADS = (process.env.THREADS ?? "1,2").split(",").map(Number);
/** Losses of both sides may differ by so much, at the first step and at the last. */
const TOLERANCE = 1e-3;

type PeerRun = Run & { torch?: string; jax?: string };

const program = programOf("train");
const runOne = runnerOf("train");

type Arguments = readonly (string | number)[];

async function run<Result extends object>(
  label: string,
  threads: number,
  command: string,
  ...args: Arguments
): Promise<Result | Failure> {
  const result = await runOne<Result>(
    `${label}, ${threads} thread${threads > 1 ? "s" : ""}`,
    command,
    ...args,
  );
  return hasFailed(result) ? { threads, ...result } : result;
}

/** Runs with every number of threads, one after the other. */
async function each<Result>(runOf: (threads: number) => Promise<Result>): Promise<Result[]> {
  const runs: Result[] = [];
  for (const threads of THREADS) runs.push(await runOf(threads));
  return runs;
}

const own = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
if (process.env.LINTEL_PYTHON === undefined && !existsSync(python)) {
  console.error(
    `bench:train: no Python at ${python}: PyTorch cannot be measured; set LINTEL_PYTHON to a Python with torch`,
  );
}
const ourProgram = nodeArguments(program("ours.ts"));
let failed = false;
const print = (line: object & { failed?: readonly string[] }): void => {
  report(line);
  if (line.failed) failed = true;
};
for (const name of chosenOf("train", cases)) {
  const { steps } = cases[name];
  const dump = mkdtempSync(join(tmpdir(), "lintel-bench-"));
  try {
    // Writing the weights and batches down costs memory of its own: that process is not measured.
    const written = await run<Run>(
      `${name}: writing the data`,
      1,
      process.execPath,
      ...ourProgram,
      name,
      1,
      dump,
    );
    const oursOf = (n: number): Promise<Run | Failure> =>
      run<Run>(`${name}: Lintel`, n, process.execPath, ...ourProgram, name, n);
    const ours = await each(oursOf);
    const products = await each((n) =>
      run<Products>(
        `${name}: products`,
        n,
        process.execPath,
        ...nodeArguments(program("products.ts")),
        name,
        n,
      ),
    );
    print(ceiling({ name, ours, products, versions: own }));
    const peers: Record<string, readonly [string, (threads: number) => Arguments]> = {
      "PyTorch eager": [python, (n) => [program("peer.py"), dump, n, "eager", steps]],
      "torch.compile": [python, (n) => [program("peer.py"), dump, n, "compile", steps]],
      // Its kernels are compiled for one shape each, and take minutes for the larger case.
      ...(name === "pocket" && { "jax-js": [process.execPath, (n) => [program("jax.mjs"), dump, n, steps]] }),
    };
    for (const [peer, [command, argsOf]] of Object.entries(peers))
      for (const threads of THREADS) {
        const pairs = await pairsOf<PeerRun>(
          () => oursOf(threads),
          async () =>
            hasFailed(written)
              ? written
              : run<PeerRun>(`${name}: ${peer}`, threads, command, ...argsOf(threads)),
        );
        const version = done(pairs, "theirs").map(({ torch, jax }) => torch ?? jax)[0] ?? null;
        const line = comparison({ name, peer, threads, pairs, versions: { ...own, peer: version } });
        print(line);
        if (line.lossGap !== null && !(line.lossGap <= TOLERANCE)) {
          console.error(
            `bench:train: ${name}: losses of Lintel and ${peer} differ by ${line.lossGap}: not the same step`,
          );
          failed = true;
        }
      }
  } finally {
    rmSync(dump, { recursive: true });
  }
}
process.exitCode = failed ? 1 : 0;
