// Decoding beside transformers: tokens per second, time to the first token, memory.
//   npm run bench:decode [-- CASE ...]
// Writes checkpoints of random weights to bench/.cache (2 GB, 7.5 GB) and rounds them there once; the peer of the 3B case
// takes 16 GB of memory. Prints JSON lines; exits with 1 where a bar is missed or our side failed.
// Python: LINTEL_PYTHON, else .venv/bin/python; without it the lines say that nothing was compared.
import { fileURLToPath } from "node:url";
import { runtimeVersions } from "../dist/graph/index.js";
import { fileWeights, openCheckpoint } from "../dist/qwen/index.js";
import { lintelVersion, usableCores } from "../dist/util/index.js";
import { cases, PROMPT, TOKENS } from "./decode/cases.mjs";
import { checkpointOf } from "./decode/checkpoint.mjs";
import { decodeLines, kept } from "./decode/lines.mjs";
import { promptOf } from "./decode/prompt.mjs";
import { chosenOf, programOf, python, runnerOf } from "./processes.mjs";

const program = programOf("decode");
const cache = fileURLToPath(new URL(".cache", import.meta.url));
process.env.LINTEL_CACHE ??= cache;
const run = runnerOf("decode");
const versions = { lintel: lintelVersion(), ...runtimeVersions(), node: process.versions.node };
const threads = usableCores();
let failed = false;
for (const name of chosenOf("decode", cases)) {
  const { shape, weights, image } = cases[name];
  const side = image ?? 0;
  console.error(`bench:decode: ${name}: weights`);
  const directory = await checkpointOf(cache, `decode-${name}`, cases[name]);
  await (await fileWeights(await openCheckpoint(directory), { form: weights })).release();
  const ours = await run(`${name}: ours`, process.execPath, program("ours.mjs"), directory, weights, PROMPT, TOKENS, threads, side);
  if (ours.error) {
    failed = true;
    continue;
  }
  const ids = JSON.stringify(promptOf(PROMPT, shape.vocabSize));
  const peer = await run(`${name}: transformers`, python, program("peer.py"), directory, ids, TOKENS, threads, side);
  for (const line of decodeLines(name, ours, peer, versions)) {
    console.log(JSON.stringify(line));
    if (!kept(line)) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
