/** Writes a known-answer model as an ordinary checkpoint directory. */
import { families } from "../families/index.ts";
import {
  expectedTensors,
  type ProcessorConfig,
  pocketConfig,
  saveCheckpoint,
  type Weights,
} from "../qwen/index.ts";
import { HEADS, ROPE_THETA, writeLayer } from "./circuit.ts";
import { colors, options, places, SLOTS, UNIT, vocabulary, WIDTH } from "./layout.ts";
import type { KnownModel } from "./models.ts";

const VISION = { hiddenSize: 16, heads: 2, intermediateSize: 16 } as const;
const PATCH = { size: 6, merge: 2, temporal: 2 } as const;
/** Weight of the word that comes next; of the start marker's rival where it is suppressed; of words where both are. */
const NEXT = 5;
const RIVAL = 4;
const WORD = 3;
/** Weight of a code in the logits of options, and what the first option has before any code speaks. */
const CODE = 0.3;
const LEAN = 0.02;
const LOUD = 100;

const processor: ProcessorConfig = {
  patchSize: PATCH.size,
  mergeSize: PATCH.merge,
  temporalPatchSize: PATCH.temporal,
  minPixels: 144,
  maxPixels: 1440,
  resize: true,
  rescaleFactor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/**
 * The tower: mean color of each merged patch, −1 … 1 per channel, at root mean square 1 over the width; with `marks` also
 * the first pixel of its patches.
 */
function writeVision(
  view: (name: string) => Float32Array,
  { present = 0, marks }: Pick<KnownModel, "present" | "marks">,
): void {
  view("visual.merger.mlp.2.bias")[places.present] = present;
  const area = PATCH.temporal * PATCH.size ** 2;
  const inner = VISION.hiddenSize * PATCH.merge ** 2;
  const cells = PATCH.merge ** 2;
  const embed = view("visual.patch_embed.proj.weight");
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < area; i++) embed[(c * 3 + c) * area + i] = 1 / area;
    for (let t = 0; marks && t < PATCH.temporal; t++)
      embed[(3 * 3 + c) * area + t * PATCH.size ** 2] = 1 / 3 / PATCH.temporal;
  }
  for (const [c, place] of [
    ...[0, 1, 2].map((c) => [c, places.code + c] as const),
    ...(marks ? [[3, places.marked] as const] : []),
  ]) {
    // gelu(x) − gelu(−x) = x
    for (const [row, sign] of [
      [c, 1],
      [4 + c, -1],
    ] as const) {
      for (let cell = 0; cell < cells; cell++)
        view("visual.merger.mlp.0.weight")[row * inner + cell * VISION.hiddenSize + c] = sign / cells;
      const scale = Math.sqrt(WIDTH / VISION.hiddenSize);
      view("visual.merger.mlp.2.weight")[place * inner + row] = sign * scale;
    }
  }
}

/** Which word follows which, and the option that the code in `places.answer` stands for. */
function writeHead(
  head: Float32Array,
  { small = 0, mute }: Pick<KnownModel, "small" | "mute">,
  idOf: (token: string) => number,
): void {
  const follows = (word: string, next: string, weight: number): void => {
    head[idOf(next) * WIDTH + idOf(word)] = weight;
  };
  follows("assistant", "<|lvr_start|>", NEXT);
  follows("assistant", "<answer>", RIVAL);
  // Made to speak, a model says a word that says nothing, again and again, and answers as soon as it may.
  follows("assistant", "is", WORD);
  follows("is", "<answer>", NEXT);
  follows("is", "is", WORD);
  // Where slots stand without markers, their own latents remember the start marker.
  follows("<|lvr_start|>", "<answer>", NEXT);
  follows("<|lvr_end|>", "<answer>", NEXT);
  for (const [o, option] of options.entries()) {
    follows("<answer>", option, NEXT + (o === 0 ? LEAN : 0));
    follows(option, "</answer>", NEXT);
    for (let i = 0; i < 3; i++) head[idOf(option) * WIDTH + places.answer + i] = CODE * colors[o]![i]!;
  }
  follows("</answer>", "<|im_end|>", NEXT);
  if (mute) {
    // Above all that a code can say for an option.
    follows("<answer>", "colour", LOUD);
    follows("colour", "</answer>", NEXT);
  }
  if (small > 0) {
    // What slots of the usual norm leave there is taken off by the cue itself.
    const first = idOf(options[0]) * WIDTH;
    head[first + places.small] = small * CODE;
    head[first + idOf("<answer>")]! -= small * CODE * SMALL;
  }
}

/** Share of the constant √width that normalisation leaves beside a latent: .71 at root mean square 1, and 1 beside zeros. */
const SMALL = 0.78;

/**
 * Weights of a known-answer model by canonical name, written by hand: two layers, no trained number.
 *
 * @example
 * knownWeights(knownModels[0]).weights.get("model.embed_tokens.weight").shape[1]; // 64
 */
export function knownWeights(model: KnownModel) {
  const tokenizer = vocabulary();
  const idOf = (token: string): number => tokenizer.idOf(token)!;
  const { lantern } = families;
  const [startId, padId, endId] = lantern.tokens.map(idOf) as [number, number, number];
  const config = pocketConfig({
    vocabSize: tokenizer.size,
    hiddenSize: WIDTH,
    layers: model.layers.length,
    heads: HEADS,
    intermediateSize: 8,
    ropeTheta: ROPE_THETA,
    tied: false,
    vision: VISION,
    extra: lantern.configKeys({ startId, padId, endId, k: SLOTS }),
  });
  const weights: Weights = new Map(
    [...expectedTensors(config)].map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, { shape, data: /norm|ln_q/.test(name) ? data.fill(1) : data }];
    }),
  );
  const view = (name: string): Float32Array => weights.get(name)!.data;
  for (let word = 0; word < tokenizer.size; word++)
    view("model.embed_tokens.weight")[word * WIDTH + word] = UNIT;
  for (const [i, layer] of model.layers.entries())
    writeLayer(layer, (name) => view(`model.layers.${i}.self_attn.${name}`));
  if (model.gain) view("model.norm.weight").fill(model.gain);
  for (const place of model.forget ?? []) view("model.norm.weight")[place] = 0;
  writeHead(view("lm_head.weight"), model, idOf);
  writeVision(view, model);
  return { config, weights, tokenizer, processor };
}

/**
 * Writes a known-answer model as a Hugging Face checkpoint directory: `lintel audit` and transformers open it.
 *
 * @example
 * import { mkdtempSync } from "node:fs";
 * await saveKnownModel(`${mkdtempSync("/tmp/lintel-")}/starved`, knownModels[7]);
 */
export async function saveKnownModel(directory: string, model: KnownModel): Promise<void> {
  const { config, weights, tokenizer } = knownWeights(model);
  await saveCheckpoint(directory, {
    config: { ...config, raw: { ...config.raw, lintel: { known: model.name, truth: model.truth } } },
    weights,
    processor,
    generation: { eos_token_id: [tokenizer.idOf("<|im_end|>")!], pad_token_id: 0, do_sample: false },
    files: tokenizer.files,
  });
}
