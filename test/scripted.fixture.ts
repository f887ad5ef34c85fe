/**
 * A model whose every word is written by a test: it has the interface of the real one, its cache is the vectors that
 * it was fed, and a function of these says what comes next. So what reaches it, and when, can be checked exactly.
 */
import { families } from "../src/families/index.ts";
import { float32, type Value } from "../src/graph/index.ts";
import {
  createTokenizer,
  imageProcessor,
  type ProcessorConfig,
  pocketConfig,
  pocketTokenizer,
  type QwenModel,
} from "../src/qwen/index.ts";
import { createFeatureStore, type LocalModel } from "../src/reasoning/index.ts";

/** Numbers at the end of every vector that say something; before them stands one place for each token. */
const CONTENT = 4;
const WIDTH = 64;

export const tokenizer = createTokenizer(pocketTokenizer(["Which", "a", "b", "c", "d"]), "scripted");
const id = (token: string): number => tokenizer.idOf(token)!;
export const START = id("<|lvr_start|>");
export const PAD = id("<|lvr_sep|>");
export const END = id("<|lvr_end|>");
export const EOS = id("<|im_end|>");

/** What was fed, in order: the id of a word, or a vector that is none. */
export type Fed = number | Float32Array;

interface Script {
  k: number;
  /** Says after each token what comes next; `own` is the hidden state's content (default zeros). */
  next(history: readonly Fed[]): { id: number; own?: ArrayLike<number> };
  /** Content of one visual token, from the mean red, green and blue (0 … 1) of its pixels. */
  see?(colour: readonly [number, number, number]): ArrayLike<number>;
}

/** The vector with `content` at its end and no token in it. */
export function contentVector(content: ArrayLike<number>): Float32Array {
  const out = new Float32Array(WIDTH);
  out.set(content, WIDTH - CONTENT);
  return out;
}

const contentOf = (v: Float32Array): Float32Array => v.subarray(WIDTH - CONTENT);

/** Sum of the contents of vectors; words among them have none. */
export function totalContent(fed: readonly Fed[]): Float32Array {
  const out = new Float32Array(CONTENT);
  for (const v of fed) if (typeof v !== "number") for (const [i, x] of contentOf(v).entries()) out[i]! += x;
  return out;
}

/** What was fed between the last start marker and the end marker behind it. */
export function lastBlock(history: readonly Fed[]): readonly Fed[] {
  const start = history.lastIndexOf(START);
  const end = history.indexOf(END, start);
  return start < 0 ? [] : history.slice(start + 1, end < 0 ? undefined : end);
}

/** Feeds the words of `text` one by one, then ends; for the answer after a block. */
export const saying = (text: string, said: number): number => [...tokenizer.encode(text), EOS][said] ?? EOS;

function read(v: Float32Array): Fed {
  const word = v.indexOf(1);
  const isWord = word >= 0 && word < tokenizer.size && v.every((x, i) => x === (i === word ? 1 : 0));
  return isWord ? word : v;
}

/** Wraps a script as a latent model of the LanteRn family. `calls` counts what the network was asked. */
export function scriptedModel({ k, next, see = () => [0, 0, 0, 0] }: Script) {
  const { lantern } = families;
  const rules = lantern.rules(
    lantern.configKeys({ startId: START, endId: END, padId: PAD, k }),
    () => undefined,
  );
  const config = pocketConfig({
    vocabSize: tokenizer.size,
    hiddenSize: WIDTH,
    layers: 1,
    heads: 1,
    extra: lantern.configKeys(rules),
  });
  const calls = { prefill: 0, step: 0 };
  const V = tokenizer.size;

  const speak = (histories: readonly (readonly Fed[])[]) => {
    const logits = new Float32Array(histories.length * V);
    const feedback = new Float32Array(histories.length * WIDTH);
    for (const [r, history] of histories.entries()) {
      const { id: word, own = [0, 0, 0, 0] } = next(history);
      logits[r * V + word] = 10;
      feedback.set(contentVector(own), r * WIDTH);
    }
    return { logits, feedback };
  };
  /** What each row of a cache holds, so that it is read once. */
  const knownRows = new WeakMap<Value, Fed[][]>();
  const rowsOf = (data: Float32Array, from: number, count: number, keep: (i: number) => boolean): Fed[] =>
    Array.from({ length: count }, (_, i) => i)
      .filter(keep)
      .map((i) => read(data.subarray((from + i) * WIDTH, (from + i + 1) * WIDTH)));

  const embed = (ids: ArrayLike<number>): Float32Array => {
    const out = new Float32Array(ids.length * WIDTH);
    for (let i = 0; i < ids.length; i++) out[i * WIDTH + ids[i]!] = 1;
    return out;
  };

  const network: QwenModel = {
    config,
    embed,
    async features(images) {
      return images.map(({ patches, grid: [, height, width] }) => {
        const tokens = (height * width) / 4;
        const size = patches.length / tokens;
        const rows = Float32Array.from(
          Array.from({ length: tokens }, (_, t) => {
            const part = patches.subarray(t * size, (t + 1) * size);
            const row = size / 4;
            const sums: [number, number, number] = [0, 0, 0];
            for (const [i, x] of part.entries()) sums[Math.floor(((i % row) * 3) / row)]! += (3 * x) / size;
            return [...contentVector(see(sums))];
          }).flat(),
        );
        return { rows };
      });
    },
    async prefill(prompts) {
      calls.prefill++;
      const batch = prompts.length;
      const length = Math.max(...prompts.map((p) => p.ids.length));
      const data = new Float32Array(batch * length * WIDTH);
      const mask = new Float32Array(batch * length);
      for (const [b, { ids, visuals }] of prompts.entries()) {
        const first = length - ids.length;
        data.set(embed(ids), (b * length + first) * WIDTH);
        mask.fill(-1e9, b * length, b * length + first);
        let seen = 0;
        for (const [i, word] of ids.entries()) {
          if (word !== config.tokens.image) continue;
          data.set(visuals.subarray(seen * WIDTH, (seen + 1) * WIDTH), (b * length + first + i) * WIDTH);
          seen++;
        }
      }
      const histories = prompts.map((_, b) =>
        rowsOf(data, b * length, length, (i) => mask[b * length + i] === 0),
      );
      const k0: Value = float32(data, [batch, 1, length, WIDTH]);
      const next = Int32Array.from(prompts, (p) => p.ids.length);
      return { ...speak(histories), prefix: { batch, length, k: [k0], v: [], mask, next } };
    },
    async step(prefix, suffix, embeddings) {
      calls.step++;
      const { batch, length } = prefix;
      const n = embeddings.length / WIDTH / batch;
      const past = suffix?.length ?? 0;
      const data = new Float32Array(batch * n * (past + 1) * WIDTH);
      const before = suffix && (suffix.k[0]!.data as Float32Array);
      const [cached] = prefix.k;
      let prompts = knownRows.get(cached!);
      if (!prompts) {
        const all = cached!.data as Float32Array;
        prompts = Array.from({ length: batch }, (_, b) =>
          rowsOf(all, b * length, length, (i) => prefix.mask[b * length + i] === 0),
        );
        knownRows.set(cached!, prompts);
      }
      // Unknown after rows were left out.
      const earlier =
        suffix &&
        (knownRows.get(suffix.k[0]!) ??
          Array.from({ length: batch * n }, (_, r) => rowsOf(before!, r * past, past, () => true)));
      const added: Fed[][] = [];
      for (let r = 0; r < batch * n; r++) {
        const at = r * (past + 1);
        if (before) data.set(before.subarray(r * past * WIDTH, (r + 1) * past * WIDTH), at * WIDTH);
        data.set(embeddings.subarray(r * WIDTH, (r + 1) * WIDTH), (at + past) * WIDTH);
        added.push([...(earlier?.[r] ?? []), read(embeddings.slice(r * WIDTH, (r + 1) * WIDTH))]);
      }
      const histories = added.map((fed, r) => [...prompts[Math.floor(r / n)]!, ...fed]);
      const k0: Value = float32(data, [batch, n, past + 1, WIDTH]);
      knownRows.set(k0, added);
      return { ...speak(histories), suffix: { continuations: n, length: past + 1, k: [k0], v: [] } };
    },
    release: async () => undefined,
  };
  const { patchSize, mergeSize, temporalPatchSize } = config.vision;
  const bounds = {
    minPixels: (patchSize * mergeSize) ** 2,
    maxPixels: 100 * (patchSize * mergeSize) ** 2,
  };
  const processor: ProcessorConfig = {
    patchSize,
    mergeSize,
    temporalPatchSize,
    ...bounds,
    resize: true,
    rescaleFactor: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const model: LocalModel = {
    network,
    tokenizer,
    features: createFeatureStore(network, imageProcessor(processor)),
    processor,
    pictures: { bounds, checkpoint: bounds, from: "checkpoint", source: "scripted", transparency: "drop" },
    family: lantern,
    rules,
    eos: [EOS],
    generation: { repetitionPenalty: 1, maxTokens: 64, sampling: "greedy" },
    // A script is what its functions say.
    fingerprint: async () => ({ script: String(next) + String(see) }),
  };
  return { model, calls };
}
