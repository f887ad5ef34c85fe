// One case of `npm run bench:decode` on our side: node bench/decode/ours.mjs DIRECTORY WEIGHTS PROMPT TOKENS THREADS.
// Prints one JSON line: seconds to the first token and per token behind it, the tokens, the process's peak memory.
import { readFileSync } from "node:fs";
import { createModel, fileWeights, openCheckpoint } from "../../dist/qwen/index.js";
import { promptOf } from "./prompt.mjs";

const [directory, form, prompt, tokens, threads] = process.argv.slice(2);
const checkpoint = await openCheckpoint(directory);
const started = performance.now();
const store = await fileWeights(checkpoint, { form });
const model = createModel(checkpoint.config, store, { threads: Number(threads) });
const best = (row) => row.reduce((top, value, i) => (value > row[top] ? i : top), 0);

const nothing = { visuals: new Float32Array(0), grids: [] };
/** Greedy decoding of `count` tokens: seconds to the first, seconds of each behind it. */
async function decode(ids, count) {
  const begun = performance.now();
  const start = await model.prefill([{ ids, ...nothing }]);
  const written = [best(start.logits)];
  const first = (performance.now() - begun) / 1000;
  const each = [];
  let suffix = null;
  for (let t = 0; t < count - 1; t++) {
    const stepped = performance.now();
    const next = await model.step(start.prefix, suffix, model.embed([written.at(-1)]), start.prefix.next.map((p) => p + t));
    suffix = next.suffix;
    written.push(best(next.logits));
    each.push((performance.now() - stepped) / 1000);
  }
  return { first, each, written };
}

const ids = promptOf(Number(prompt), checkpoint.config.text.vocabSize);
// The graphs are compiled at the first run, as the peer's weights are read before its first.
await decode(ids.slice(0, 8), 2);
const load = (performance.now() - started) / 1000;
const { first, each, written } = await decode(ids, Number(tokens));
await model.release();
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
console.log(JSON.stringify({ load, first, each, written, peakMiB: Math.round(peak) }));
