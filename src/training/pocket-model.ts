/** The pocket model: a tiny configuration of Qwen2.5-VL with a vocabulary of the dataset's words. */
import { families } from "../families/index.ts";
import type { Device } from "../graph/index.ts";
import { createStore, type ParameterStore } from "../nn/index.ts";
import {
  createTokenizer,
  expectedTensors,
  type ProcessorConfig,
  pocketConfig,
  pocketTokenizer,
  type QwenConfig,
  type Tokenizer,
} from "../qwen/index.ts";
import {
  assembleModel,
  bufferShapes,
  feedsHiddenState,
  headRecord,
  headShapes,
  initializeHead,
  type LatentConfig,
  type LocalModel,
  latentConfigOf,
  latentSize,
  plainLatentConfig,
} from "../reasoning/index.ts";
import type { Example, PocketFacts } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { initializeDecoder, initializeVision, scaleFeatures, starts } from "./initialize.ts";
import { AUXILIARY } from "./losses/index.ts";

export interface PocketShape {
  hiddenSize: number;
  layers: number;
  heads: number;
  intermediateSize: number;
  /** Width of the vision tower. */
  visionSize: number;
}

/** The shape that learns fastest and most reliably (docs/notebook.md). */
export const pocketShape: PocketShape = {
  hiddenSize: 96,
  layers: 2,
  heads: 2,
  intermediateSize: 192,
  visionSize: 64,
};

/** A model under training, with its parameters in two stores: `decoder` is trained, `vision` is frozen, and with it lower layers. */
export interface TrainableModel {
  config: QwenConfig;
  tokenizer: Tokenizer;
  processor: ProcessorConfig;
  eos: readonly number[];
  decoder: ParameterStore;
  /** Frozen. */
  vision: ParameterStore;
  /** How latents are read off hidden states. */
  latentConfig: LatentConfig;
  /** Fitted tensors of the head and the target space; trained ones are in `decoder`. */
  buffers: ParameterStore;
}

/** Latents per block in a configuration; the key is the family's. */
const latentsOf = ({ raw }: QwenConfig): number =>
  typeof raw.latent_size === "number" ? raw.latent_size : 1;

/** Tensors that a loss has for itself, for blocks of `k` latents of `width`. */
export type AuxiliaryShapes = (k: number, width: number) => ReadonlyMap<string, readonly number[]>;

/** Initial values of what a loss has for itself. */
export function initializeAuxiliary({ views, shapes }: ParameterStore, seed: number): void {
  for (const [name, view] of views) {
    const [, inputs] = shapes.get(name)!;
    if (!name.startsWith(AUXILIARY) || inputs === undefined) continue;
    const r = random(seed, "initialize", name);
    for (let i = 0; i < view.length; i++) view[i] = r.normal() / Math.sqrt(inputs);
  }
}

/** Whether a tensor of the decoder stays as it is where only the uppermost layers are trained. */
export const frozenBelow =
  ({ text }: Pick<QwenConfig, "text">, upperLayers?: number) =>
  (name: string): boolean => {
    if (upperLayers === undefined) return false;
    const [, layer] = /^model\.layers\.(\d+)\./.exec(name) ?? [];
    return (
      name === "model.embed_tokens.weight" ||
      (layer !== undefined && Number(layer) < text.layers - upperLayers)
    );
  };

/**
 * Stores for the tensors of a configuration, split into what is frozen (the tower, with `upperLayers` embeddings and the
 * layers below) and the rest: there a head's stand last.
 */
export function createStores(
  config: QwenConfig,
  latentConfig: LatentConfig = plainLatentConfig,
  { upperLayers, auxiliary }: { upperLayers?: number; auxiliary?: AuxiliaryShapes } = {},
): { decoder: ParameterStore; vision: ParameterStore; buffers: ParameterStore } {
  const all = [...expectedTensors(config)];
  const frozen = frozenBelow(config, upperLayers);
  const isFrozen = ([name]: readonly [string, unknown]) => name.startsWith("visual.") || frozen(name);
  const size = latentSize(config, latentsOf(config));
  const head = [
    ...headShapes(latentConfig, size),
    ...(auxiliary?.(latentsOf(config), config.text.hiddenSize) ?? []),
  ];
  return {
    decoder: createStore(new Map([...all.filter((entry) => !isFrozen(entry)), ...head])),
    vision: createStore(new Map(all.filter(isFrozen))),
    buffers: createStore(bufferShapes(latentConfig, size)),
  };
}

/**
 * A configuration with head and target space in config.json, under "lintel"; unchanged where hidden states are fed.
 */
export function withLatentConfig(config: QwenConfig, latentConfig: LatentConfig): QwenConfig {
  if (feedsHiddenState(latentConfig) && !latentConfigOf(config.raw)) return config;
  const { lintel, ...raw } = config.raw;
  const { latent: _, ...rest } = (lintel ?? {}) as Record<string, unknown>;
  const said = { ...rest, ...(!feedsHiddenState(latentConfig) && { latent: latentConfig }) };
  return { ...config, raw: { ...raw, ...(Object.keys(said).length > 0 && { lintel: said }) } };
}

/** The model for decoding during training: it reads the live parameters. */
export const runningModel = (model: TrainableModel, threads: number, device: Device = "cpu"): LocalModel =>
  assembleModel(
    {
      config: model.config,
      weights: { ...model.decoder.values, ...model.vision.values, ...model.buffers.values },
      tokenizer: model.tokenizer,
      processor: model.processor,
      eos: model.eos,
    },
    { threads, device, cells: headRecord(model.latentConfig.head).usesMerger === true },
  );

/** Words of questions, options and reasoning in order of first appearance. */
function wordsOf(examples: readonly Example[]): string[] {
  const words = new Set<string>();
  for (const { question, options, reasoning = [] } of examples) {
    for (const text of [question.replaceAll("<image>", " "), ...options, ...reasoning]) {
      for (const word of text.split(/\s+/)) if (word) words.add(word);
    }
  }
  return [...words];
}

/** CLIP's, as the published models use. */
const CLIP_MEAN: [number, number, number] = [0.48145466, 0.4578275, 0.40821073];
const CLIP_STD: [number, number, number] = [0.26862954, 0.26130258, 0.27577711];

/**
 * A fresh pocket model for a dataset. Its vision tower is random and scaled, on the images of the first examples, so
 * that features have root mean square 1.
 */
export async function createPocket(
  examples: readonly Example[],
  facts: PocketFacts,
  seed: number,
  shape: PocketShape = pocketShape,
  latentConfig: LatentConfig = plainLatentConfig,
  auxiliary?: AuxiliaryShapes,
): Promise<TrainableModel> {
  const { panelTokens = 1 } = facts;
  const files = pocketTokenizer(wordsOf(examples), { imageEnd: panelTokens > 1 });
  const tokenizer = createTokenizer(files, "pocket tokenizer");
  const { lantern } = families;
  const k = facts.latentsPerBlock;
  const [startId, padId, endId] = lantern.tokens.map((token) => tokenizer.idOf(token)!) as [
    number,
    number,
    number,
  ];
  const plain = pocketConfig({
    vocabSize: tokenizer.size,
    hiddenSize: shape.hiddenSize,
    layers: shape.layers,
    heads: shape.heads,
    intermediateSize: shape.intermediateSize,
    ropeTheta: starts[facts.start].ropeTheta,
    tied: false,
    vision: { hiddenSize: shape.visionSize, heads: 4, intermediateSize: 2 * shape.visionSize },
    extra: lantern.configKeys({ startId, padId, endId, k }),
  });
  const config = withLatentConfig(plain, latentConfig);
  const { patchSize, mergeSize, temporalPatchSize } = config.vision;
  const processor: ProcessorConfig = {
    patchSize,
    mergeSize,
    temporalPatchSize,
    minPixels: (patchSize * mergeSize) ** 2,
    maxPixels: facts.maxPixels,
    resize: true,
    rescaleFactor: 1 / 255,
    mean: CLIP_MEAN,
    std: CLIP_STD,
  };
  const stores = createStores(config, latentConfig, auxiliary && { auxiliary });
  initializeDecoder(stores.decoder, config, seed, starts[facts.start], panelTokens);
  initializeHead(stores.decoder, latentConfig, seed);
  initializeAuxiliary(stores.decoder, seed);
  initializeVision(stores.vision, seed);
  const model: TrainableModel = {
    config,
    tokenizer,
    processor,
    eos: [tokenizer.idOf("<|im_end|>")!],
    latentConfig,
    ...stores,
  };
  const running = runningModel(model, 1);
  const sample = await running.features.get(examples.slice(0, 200).flatMap((e) => e.images));
  scaleFeatures(
    stores.vision,
    sample.map(({ rows }) => rows),
  );
  await running.network.release();
  return model;
}
