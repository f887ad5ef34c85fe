/**
 * One case of `npm run bench:audit` on our side: bench/audit/ours.ts CASE. Prints one JSON line: seconds of whole
 * audits of the same examples, under `own` alone and under all interventions, alternately; the best of each.
 */
import { fileURLToPath } from "node:url";
import { auditLoaded } from "../../src/audit/index.ts";
import { families } from "../../src/families/index.ts";
import { encodePng } from "../../src/formats/index.ts";
import { float32, type Value } from "../../src/graph/index.ts";
import {
  createTokenizer,
  expectedTensors,
  fileWeights,
  openCheckpoint,
  type ProcessorConfig,
  pocketConfig,
  pocketTokenizer,
  type QwenConfig,
  type QwenModel,
} from "../../src/qwen/index.ts";
import { assembleModel } from "../../src/reasoning/index.ts";
import type { Example } from "../../src/tasks/index.ts";
import { random, usableCores } from "../../src/util/index.ts";
import { checkpointOf } from "../decode/checkpoint.ts";
import { type CaseName, cases, interventions, SLOTS, TEXT } from "./cases.ts";
import type { Timed } from "./lines.ts";

const SIDE = 168;
const WORDS = 230;
const LETTERS = ["a", "b", "c", "d"];

/** Weights of the right spread, from one block of random numbers repeated. */
function weightsOf(config: QwenConfig): Record<string, Value> {
  const r = random(0, "weights");
  const block = Float32Array.from({ length: 1 << 18 }, () => r.normal());
  const weights: Record<string, Value> = {};
  for (const [name, shape] of expectedTensors(config)) {
    const length = shape.reduce((a, b) => a * b, 1);
    const data = new Float32Array(length);
    if (shape.length === 1) data.fill(name.endsWith("bias") ? 0 : 1);
    else {
      const scale = name.includes("embed") ? 0.02 : 1 / Math.sqrt(shape[1]!);
      for (let at = 0; at < length; at++) data[at] = scale * block[(at * 7 + length) & (block.length - 1)]!;
    }
    weights[name] = float32(data, shape);
  }
  return weights;
}

/**
 * The network made to open a block at once and to end its text when every continuation has written TEXT ids: random
 * weights would do neither. The computation is untouched; only the logits of two words are overwritten.
 */
function opening(
  network: QwenModel,
  { startId, k }: { startId: number | null; k: number },
  eos: number,
): QwenModel {
  const { vocabSize } = network.config.text;
  const force = (logits: Float32Array, id: number): void => {
    for (let at = id; at < logits.length; at += vocabSize) logits[at] = 1e9;
  };
  const forbid = (logits: Float32Array, id: number): void => {
    for (let at = id; at < logits.length; at += vocabSize) logits[at] = -1e9;
  };
  return {
    ...network,
    async prefill(prompts: Parameters<QwenModel["prefill"]>[0]) {
      const out = await network.prefill(prompts);
      force(out.logits, startId!);
      return out;
    },
    async step(...inputs: Parameters<QwenModel["step"]>) {
      const out = await network.step(...inputs);
      forbid(out.logits, startId!);
      // Start marker, slots, end marker, text.
      (out.suffix.length >= 2 + k + TEXT ? force : forbid)(out.logits, eos);
      return out;
    },
  };
}

function picture(seed: number): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  const r = random(seed, "picture");
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor(256 * r.uniform());
  return encodePng({ width: SIDE, height: SIDE, pixels });
}

const name = process.argv[2] as CaseName;
const { shape, files, examples: count, rounds } = cases[name];
const tokenizer = createTokenizer(pocketTokenizer(["look", ...LETTERS]), "bench");
const [startId, padId, endId] = families.lantern.tokens.map((token) => tokenizer.idOf(token)!) as [
  number,
  number,
  number,
];
const latent = { ...shape, extra: families.lantern.configKeys({ startId, padId, endId, k: SLOTS }) };
const config = pocketConfig(latent);
const parameters = [...expectedTensors(config).values()].reduce(
  (sum, dims) => sum + dims.reduce((a, b) => a * b, 1),
  0,
);
const cache = fileURLToPath(new URL("../.cache", import.meta.url));
process.env.LINTEL_CACHE ??= cache;
const checkpoint = files
  ? await openCheckpoint(await checkpointOf(cache, `audit-${name}`, { shape: latent, stored: "F32" }))
  : null;
const weights = files ? {} : weightsOf(config);
const processor: ProcessorConfig = {
  patchSize: 6,
  mergeSize: 2,
  temporalPatchSize: 2,
  minPixels: 144,
  maxPixels: SIDE * SIDE,
  resize: true,
  rescaleFactor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};
const eos = tokenizer.idOf("<|im_end|>")!;
// Fewer threads, where the cores are shared and only the time that they worked tells anything: THREADS=1.
const threads = Number(process.env.THREADS) || usableCores();
const examples = Array.from(
  { length: count },
  (_, i): Example => ({
    id: String(i),
    question: `<image> ${"look ".repeat(WORDS)}`.trim(),
    images: [picture(2 * i)],
    options: LETTERS,
    answer: i % 4,
    helpers: [picture(2 * i + 1)],
    counterfactuals: LETTERS.map(() => null),
    attributes: {},
  }),
);
let prompt = 0;
let prefills = 0;
let steps = 0;

/** Seconds of an audit. Images are read anew each time: the store that keeps their features is new. */
async function seconds(names: readonly string[], some: readonly Example[]) {
  const store = checkpoint && (await fileWeights(checkpoint));
  const parts = { config, weights, ...(store && { store }), tokenizer, processor, eos: [eos] };
  const model = assembleModel(parts, { threads });
  const network = opening(model.network, model.rules, eos);
  const watched = {
    ...network,
    prefill: (prompts: Parameters<QwenModel["prefill"]>[0]) => {
      prefills++;
      prompt = prompts[0]!.ids.length;
      return network.prefill(prompts);
    },
    step: (...inputs: Parameters<QwenModel["step"]>) => {
      steps++;
      return network.step(...inputs);
    },
  };
  // Sessions are made at their first run, which is not the audit's cost: one short audit first.
  const ready = { ...model, network: watched };
  const audit = async (which: readonly Example[], what: readonly string[]): Promise<void> => {
    const result = await auditLoaded(ready, { examples: which }, { interventions: what });
    for (const name of what) {
      const found = result.interventions[name];
      if (found?.n !== which.length || found.latentRate !== 1)
        throw new Error(`${name}: not in every example`);
    }
  };
  await audit(some.slice(0, 2), ["own", "random-crop"]);
  // Other images than those that the first audit has seen, or their features would be known.
  const fresh = some.map((example, i) => ({
    ...example,
    images: [picture(1000 + 2 * i)],
    helpers: [picture(1001 + 2 * i)],
  }));
  [prefills, steps] = [0, 0];
  const started = performance.now();
  const used = process.cpuUsage();
  await audit(fresh, names);
  const spent = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  const counted = { cpu: (user + system) / 1e6, prefills, steps };
  await model.network.release();
  return { spent, ...counted };
}

const own: Timed[] = [];
const all: Timed[] = [];
for (let round = 0; round < rounds; round++) {
  own.push(await seconds(["own"], examples));
  all.push(await seconds(interventions, examples));
}
const best = (runs: readonly Timed[]): Timed => runs.reduce((a, b) => (b.spent < a.spent ? b : a));
process.stdout.write(
  `${JSON.stringify({ own: best(own), all: best(all), examples: count, prompt, parameters, threads })}\n`,
);
