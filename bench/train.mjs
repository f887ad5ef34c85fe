// One training step against PyTorch (eager, torch.compile) and jax-js, on the same weights, batches and data:
//   npm run bench:train [-- CASE ...]
// Prints JSON lines: a comparison per case and peer, each side at the better of 1 and 2 threads, and per case the share
// of what ONNX Runtime's matrix products alone take. One process after the other. Exits with 1 where losses disagree or
// something could not be measured. Python: LINTEL_PYTHON, else .venv/bin/python.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimeVersions } from "../dist/graph/index.js";
import { lintelVersion } from "../dist/util/index.js";
import { cases } from "./train/cases.mjs";
import { ceiling, comparison } from "./train/lines.mjs";
import { chosenOf, programOf, python, runnerOf } from "./processes.mjs";

const THREADS = [1, 2];
/** Losses of both sides may differ by so much, at the first step and at the last. */
const TOLERANCE = 1e-3;

const program = programOf("train");
const runOne = runnerOf("train");

async function run(label, threads, command, ...args) {
  const result = await runOne(`${label}, ${threads} thread${threads > 1 ? "s" : ""}`, command, ...args);
  return result.error ? { threads, ...result } : result;
}

/** Runs with every number of threads, one after the other. */
async function each(label, command, argsOf) {
  const runs = [];
  for (const threads of THREADS) runs.push(await run(label, threads, command, ...argsOf(threads)));
  return runs;
}

const own = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
if (process.env.LINTEL_PYTHON === undefined && !existsSync(python)) {
  console.error(`bench:train: no Python at ${python}: PyTorch cannot be measured; set LINTEL_PYTHON to a Python with torch`);
}
let failed = false;
const print = (line) => {
  console.log(JSON.stringify(line));
  if (line.failed) failed = true;
};
for (const name of chosenOf("train", cases)) {
  const { steps } = cases[name];
  const dump = mkdtempSync(join(tmpdir(), "lintel-bench-"));
  try {
    // Writing the weights and batches down costs memory of its own: that process is not measured.
    const written = await run(`${name}: writing the data`, 1, process.execPath, program("ours.mjs"), name, 1, dump);
    const ours = await each(`${name}: Lintel`, process.execPath, (n) => [program("ours.mjs"), name, n]);
    const products = await each(`${name}: products`, process.execPath, (n) => [program("products.mjs"), name, n]);
    print(ceiling({ name, ours, products, versions: own }));
    const peers = {
      "PyTorch eager": [python, (n) => [program("peer.py"), dump, n, "eager", steps]],
      "torch.compile": [python, (n) => [program("peer.py"), dump, n, "compile", steps]],
      // Its kernels are compiled for one shape each, and take minutes for the larger case.
      ...(name === "pocket" && { "jax-js": [process.execPath, (n) => [program("jax.mjs"), dump, n, steps]] }),
    };
    for (const [peer, [command, argsOf]] of Object.entries(peers)) {
      const theirs = written.error ? [written] : await each(`${name}: ${peer}`, command, argsOf);
      const version = theirs.map(({ torch, jax }) => torch ?? jax).find(Boolean) ?? null;
      const line = comparison({ name, peer, ours, theirs, versions: { ...own, peer: version } });
      print(line);
      if (line.lossGap !== null && !(line.lossGap <= TOLERANCE)) {
        console.error(`bench:train: ${name}: losses of Lintel and ${peer} differ by ${line.lossGap}: not the same step`);
        failed = true;
      }
    }
  } finally {
    rmSync(dump, { recursive: true });
  }
}
process.exitCode = failed ? 1 : 0;
