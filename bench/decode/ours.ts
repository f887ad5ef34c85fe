/**
 * One case of `npm run bench:decode` on our side: bench/decode/ours.ts DIRECTORY WEIGHTS PROMPT TOKENS THREADS IMAGE.
 * Prints one JSON line: seconds to the first token and per token behind it, the tokens, seconds to the first token with an
 * image of IMAGE × IMAGE patches (0: none), the process's peak memory.
 */
import { readFileSync } from "node:fs";
import {
  createModel,
  fileWeights,
  openCheckpoint,
  type ProcessedImage,
  type WeightFormat,
} from "../../src/qwen/index.ts";
import { promptOf, withImage } from "./prompt.ts";

const [directory, form, prompt, tokens, threads, image] = process.argv.slice(2) as [
  string,
  WeightFormat,
  string,
  string,
  string,
  string,
];
const checkpoint = await openCheckpoint(directory);
const started = performance.now();
const store = await fileWeights(checkpoint, { form });
const model = createModel(checkpoint.config, store, { threads: Number(threads) });
const { tokens: special, text, vision } = checkpoint.config;

function best(row: Float32Array): number {
  let top = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[top]!) top = i;
  return top;
}

/** Patches of an image, the same on both sides. */
function imageOf(side: number): ProcessedImage {
  const size = vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
  const patches = Float32Array.from({ length: side ** 2 * size }, (_, i) => ((i * 7919) % 2003) / 1001.5 - 1);
  return { grid: [1, side, side], patches };
}

/** Greedy decoding of `count` tokens: seconds to the first, seconds of each behind it. `side`: of an image before the words. */
async function decode(words: readonly number[], count: number, side = 0) {
  const begun = performance.now();
  const images = side > 0 ? [imageOf(side)] : [];
  const encoded = await model.features(images);
  const ids = side > 0 ? withImage(words, side, vision, special) : words;
  const visuals = encoded[0]?.rows ?? new Float32Array(0);
  const start = await model.prefill([{ ids, visuals, grids: images.map(({ grid }) => grid) }]);
  const written = [best(start.logits)];
  const first = (performance.now() - begun) / 1000;
  const each: number[] = [];
  let suffix: Awaited<ReturnType<typeof model.step>>["suffix"] | null = null;
  for (let t = 0; t < count - 1; t++) {
    const stepped = performance.now();
    const next = await model.step(
      start.prefix,
      suffix,
      model.embed([written.at(-1)!]),
      start.prefix.next.map((p) => p + t),
    );
    suffix = next.suffix;
    written.push(best(next.logits));
    each.push((performance.now() - stepped) / 1000);
  }
  return { first, each, written };
}

const ids = promptOf(Number(prompt), text.vocabSize);
const side = Number(image);
// The graphs are compiled at the first run, as the peer's weights are read before its first.
await decode(ids.slice(0, 8), 2, side > 0 ? 2 * vision.mergeSize : 0);
const load = (performance.now() - started) / 1000;
const { first, each, written } = await decode(ids, Number(tokens));
/** First tokens are few and disturbed easily: of three, the fastest, here as on the peer's side. */
async function fastest(known: readonly number[], image: number): Promise<number> {
  const times = [...known];
  while (times.length < 3) times.push((await decode(ids, 1, image)).first);
  return Math.min(...times);
}
const alone = await fastest([first], 0);
const seen = side > 0 ? await fastest([], side) : null;
await model.release();
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
console.log(JSON.stringify({ load, first: alone, each, written, seen, peakMiB: Math.round(peak) }));
