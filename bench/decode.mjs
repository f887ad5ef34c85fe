// Decoding beside transformers: tokens per second, time to the first token, memory.
//   npm run bench:decode [-- CASE ...]
// Writes checkpoints of random weights to bench/.cache (2 GB, 6 GB) and rounds them there once; the peer of the 3B case
// takes 13 GB of memory. Prints JSON lines; exits with 1 where a bar is missed or our side failed.
// Python: LINTEL_PYTHON, else .venv/bin/python; without it the lines say that nothing was compared.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeVersions } from "../dist/graph/index.js";
import { fileWeights, openCheckpoint } from "../dist/qwen/index.js";
import { lintelVersion, unknownName, usableCores } from "../dist/util/index.js";
import { cases, PROMPT, TOKENS } from "./decode/cases.mjs";
import { checkpointOf } from "./decode/checkpoint.mjs";
import { decodeLines, kept } from "./decode/lines.mjs";
import { promptOf } from "./decode/prompt.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = fileURLToPath(new URL(".cache", import.meta.url));
const python = process.env.LINTEL_PYTHON || join(root, ".venv", "bin", "python");
const program = (file) => fileURLToPath(new URL(`decode/${file}`, import.meta.url));
process.env.LINTEL_CACHE ??= cache;
const chosen = process.argv.slice(2);
for (const name of chosen) {
  if (!Object.hasOwn(cases, name)) {
    console.error(`bench:decode: ${unknownName("case", name, Object.keys(cases)).message}`);
    process.exit(2);
  }
}

/** Runs one process and reads the line that it prints. A failure is a result too. */
async function run(what, command, ...args) {
  console.error(`bench:decode: ${what}`);
  try {
    const { stdout } = await promisify(execFile)(command, args.map(String), { cwd: root, maxBuffer: 1 << 26 });
    return JSON.parse(stdout.trim().split("\n").at(-1));
  } catch (error) {
    const said = (error.stderr ?? "").trim().split("\n").findLast((line) => /\S/.test(line));
    const reason = error.code === "ENOENT" ? `${command}: no such program; set LINTEL_PYTHON` : said || error.message;
    console.error(`bench:decode: ${what}: failed: ${reason}`);
    return { error: `${what}: ${reason}` };
  }
}

const versions = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
const threads = usableCores();
let failed = false;
for (const name of chosen.length > 0 ? chosen : Object.keys(cases)) {
  const { shape, weights } = cases[name];
  console.error(`bench:decode: ${name}: weights`);
  const directory = await checkpointOf(cache, name, cases[name]);
  await (await fileWeights(await openCheckpoint(directory), { form: weights })).release();
  const ours = await run(`${name}: ours`, process.execPath, program("ours.mjs"), directory, weights, PROMPT, TOKENS, threads);
  if (ours.error) {
    failed = true;
    continue;
  }
  const ids = JSON.stringify(promptOf(PROMPT, shape.vocabSize));
  const peer = await run(`${name}: transformers`, python, program("peer.py"), directory, ids, TOKENS, threads);
  for (const line of decodeLines(name, ours, peer, versions)) {
    console.log(JSON.stringify(line));
    if (!kept(line)) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
