/** A random model of the real architecture, small, for tests of decoding; it opens blocks only where it is made to. */
import { families } from "../families/index.ts";
import { float32 } from "../graph/index.ts";
import {
  createTokenizer,
  expectedTensors,
  type PrefixCache,
  type ProcessorConfig,
  type Prompt,
  pocketConfig,
  pocketTokenizer,
} from "../qwen/index.ts";
import { random } from "../util/index.ts";
import type { NamedLogits } from "./engine/types.ts";
import { argmax } from "./greedy.ts";
import type { LocalModel } from "./latent-model.ts";
import { assembleModel } from "./load-model.ts";
import { promptLayouts } from "./prompt-layout.ts";
import type { SharedPrefix } from "./shared-prefix.ts";

export const words = ["up", "down", "left", "right", "a", "b", "c", "d"];

export const processor: ProcessorConfig = {
  patchSize: 6,
  mergeSize: 2,
  temporalPatchSize: 2,
  minPixels: 144,
  maxPixels: 14400,
  resize: true,
  rescaleFactor: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/** Random weights, latent blocks of `k`; no id ends the answer unless `eos` says so. */
export function randomModel(k: number, eos: readonly number[] = []): LocalModel {
  const tokenizer = createTokenizer(pocketTokenizer(words), "fixture");
  const [startId, padId, endId] = families.lantern.tokens.map((token) => tokenizer.idOf(token)!) as [
    number,
    number,
    number,
  ];
  const config = pocketConfig({
    vocabSize: tokenizer.size,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    tied: false,
    extra: families.lantern.configKeys({ startId, padId, endId, k }),
  });
  const r = random(3, "weights");
  const weights = Object.fromEntries(
    [...expectedTensors(config)].map(([name, shape]) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        shape.length === 1 ? 1 + 0.1 * r.normal() : 0.3 * r.normal(),
      );
      return [name, float32(data, shape)];
    }),
  );
  return assembleModel({ config, weights, tokenizer, processor, eos }, { threads: 1 });
}

/** Prompts of words only, of different lengths. */
export const prompts = (model: LocalModel): Prompt[] =>
  ["up down left", "right a b c d up down", "left left"].map((text) => ({
    ids: model.tokenizer.encode(`<|im_start|>user ${text} <|im_end|>`),
    visuals: new Float32Array(0),
    grids: [],
  }));

/** The prompts read, every example about to open a block. */
export async function openPrefix(
  model: LocalModel,
  which: readonly Prompt[],
): Promise<SharedPrefix<PrefixCache>> {
  const { prefix, logits } = await model.network.prefill(which);
  const { vocabSize } = model.network.config.text;
  const layouts = promptLayouts(model, which);
  return {
    prefix,
    rows: layouts.map((layout, b) => ({
      written: [],
      state: "block",
      answerLogits: null,
      instead: argmax(logits, b * vocabSize, vocabSize, [model.rules.startId]),
      layout,
    })),
  };
}

/** The logits of a network in this process: of the whole vocabulary. */
export const allLogits = ({ answerLogits }: { answerLogits: NamedLogits | null }): Float32Array =>
  answerLogits as Float32Array;
