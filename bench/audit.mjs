// What an audit's interventions cost: all continue from one prefix, so 12 must not cost more than twice `own` alone.
//   npm run bench:audit [-- CASE ...]
// Whole audits are timed, everything that they do counted: images, prefill, own pass, interventions, statistics. Weights
// are random; the text's length is forced. Prints JSON lines: per case the cost beside `own` alone, and beside
// transformers' generate() run once for each intervention. Exits with 1 where the bar is missed or a run failed.
// Python: LINTEL_PYTHON, else .venv/bin/python; without it the second line says that nothing was compared.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeVersions } from "../dist/graph/index.js";
import { lintelVersion, unknownName } from "../dist/util/index.js";
import { cases, SLOTS, TEXT } from "./audit/cases.mjs";
import { costLine, separateLine } from "./audit/lines.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const python = process.env.LINTEL_PYTHON || join(root, ".venv", "bin", "python");
const program = (file) => fileURLToPath(new URL(`audit/${file}`, import.meta.url));
const chosen = process.argv.slice(2);
for (const name of chosen) {
  if (!Object.hasOwn(cases, name)) {
    console.error(`bench:audit: ${unknownName("case", name, Object.keys(cases)).message}`);
    process.exit(2);
  }
}

/** Runs one process and reads the line that it prints. A failure is a result too. */
async function run(what, command, ...args) {
  console.error(`bench:audit: ${what}`);
  try {
    const { stdout } = await promisify(execFile)(command, args.map(String), { cwd: root, maxBuffer: 1 << 26 });
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch (error) {
    const said = (error.stderr ?? "").trim().split("\n").findLast((line) => /\S/.test(line));
    const reason = error.code === "ENOENT" ? `${command}: no such program; set LINTEL_PYTHON` : said || error.message;
    console.error(`bench:audit: ${what}: failed: ${reason}`);
    return { error: `${what}: ${reason}` };
  }
}

const versions = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
let failed = false;
for (const name of chosen.length > 0 ? chosen : Object.keys(cases)) {
  const ours = await run(`${name}: audits`, process.execPath, program("ours.mjs"), name);
  if (ours.error) {
    failed = true;
    continue;
  }
  const line = costLine(name, ours, versions);
  console.log(JSON.stringify(line));
  if (line.ratio < 1) failed = true;
  const { examples, prompt, threads } = ours;
  const shape = JSON.stringify(cases[name].shape);
  // As many ids as a continuation has: start marker, slots, end marker, text.
  const asked = [shape, examples, prompt, 2 + SLOTS + TEXT, threads];
  const peer = await run(`${name}: transformers`, python, program("peer.py"), ...asked);
  console.log(JSON.stringify(separateLine(name, ours, peer, versions)));
}
process.exitCode = failed ? 1 : 0;
