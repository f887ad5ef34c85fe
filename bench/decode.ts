/**
 * Decoding beside transformers: tokens per second, time to the first token, memory.
 *   npm run bench:decode [-- CASE ...]
 * Writes checkpoints of random weights to bench/.cache (2 GB, 7.5 GB) and rounds them there once; the peer of the 3B case
 * takes 16 GB of memory. Prints JSON lines; exits with 1 where a bar is missed or our side failed.
 * Python: LINTEL_PYTHON, else .venv/bin/python; without it the lines say that nothing was compared.
 */
import { fileURLToPath } from "node:url";
import { runtimeVersions } from "../src/graph/index.ts";
import { fileWeights, openCheckpoint } from "../src/qwen/index.ts";
import { lintelVersion, usableCores } from "../src/util/index.ts";
import { cases, PROMPT, TOKENS } from "./decode/cases.ts";
import { checkpointOf } from "./decode/checkpoint.ts";
import { type DecodePeer, type DecodeRun, decodeLines, kept } from "./decode/lines.ts";
import { promptOf } from "./decode/prompt.ts";
import { report } from "./history.ts";
import { chosenOf, failed as hasFailed, nodeArguments, programOf, python, runnerOf } from "./processes.ts";

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
  const ours = await run<DecodeRun>(
    `${name}: ours`,
    process.execPath,
    ...nodeArguments(program("ours.ts")),
    directory,
    weights,
    PROMPT,
    TOKENS,
    threads,
    side,
  );
  if (hasFailed(ours)) {
    failed = true;
    continue;
  }
  const ids = JSON.stringify(promptOf(PROMPT, shape.vocabSize));
  const peer = await run<DecodePeer>(
    `${name}: transformers`,
    python,
    program("peer.py"),
    directory,
    ids,
    TOKENS,
    threads,
    side,
  );
  for (const line of decodeLines(name, ours, peer, versions)) {
    report(line);
    if (!kept(line)) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
