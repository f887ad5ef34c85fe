// One training step against PyTorch (eager, torch.compile) and jax-js, on the same weights, batches and data:
//   npm run bench:train [-- CASE ...]
// Prints JSON lines: a comparison per case and peer, each side at the better of 1 and 2 threads, and per case the share
// of what ONNX Runtime's matrix products alone take. One process after the other. Exits with 1 where losses disagree or
// something could not be measured. Python: LINTEL_PYTHON, else .venv/bin/python.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeVersions } from "../dist/graph/index.js";
import { lintelVersion, unknownName } from "../dist/util/index.js";
import { cases } from "./train/cases.mjs";
import { ceiling, comparison } from "./train/lines.mjs";

const THREADS = [1, 2];
/** Losses of both sides may differ by so much, at the first step and at the last. */
const TOLERANCE = 1e-3;

const root = fileURLToPath(new URL("..", import.meta.url));
const python = process.env.LINTEL_PYTHON || join(root, ".venv", "bin", "python");
const program = (file) => fileURLToPath(new URL(`train/${file}`, import.meta.url));
const chosen = process.argv.slice(2);
for (const name of chosen) {
  if (!Object.hasOwn(cases, name)) {
    console.error(`bench:train: ${unknownName("case", name, Object.keys(cases)).message}`);
    process.exit(2);
  }
}

/** Runs one process and reads the line that it prints. A failure is a result too. */
async function run(label, threads, command, ...args) {
  const what = `${label}, ${threads} thread${threads > 1 ? "s" : ""}`;
  console.error(`bench:train: ${what}`);
  try {
    const { stdout } = await promisify(execFile)(command, args.map(String), { cwd: root, maxBuffer: 1 << 26 });
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch (error) {
    const said = (error.stderr ?? "").trim().split("\n").findLast((line) => /\S/.test(line));
    const reason =
      error.code === "ENOENT" ? `${command}: no such program; set LINTEL_PYTHON to a Python with torch` : said || error.message;
    console.error(`bench:train: ${what}: failed: ${reason}`);
    return { threads, error: `${what}: ${reason}` };
  }
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
for (const name of chosen.length > 0 ? chosen : Object.keys(cases)) {
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
