/** A latent model from a checkpoint directory. */
import { type BlockRules, type Family, familyOf, readFamily } from "../families/index.ts";
import { digestOf, type Facts } from "../formats/index.ts";
import { float32, type SessionOptions } from "../graph/index.ts";
import {
  type Checkpoint,
  checkpointFingerprint,
  createModel,
  fileWeights,
  type GenerationConfig,
  imageProcessor,
  loadTokenizer,
  loadWeights,
  openCheckpoint,
  type ProcessorConfig,
  type QwenConfig,
  readProcessor,
  type Tokenizer,
  type WeightFormat,
  type WeightStore,
  type WeightValues,
} from "../qwen/index.ts";
import type { Picture } from "../tasks/index.ts";
import { ensure, type OnProgress } from "../util/index.ts";
import type { EngineProcessor, Network, NetworkConfig } from "./engine/types.ts";
import { createFeatureStore, type FeatureStore, featureStoreOf } from "./feature-store.ts";
import { generationOf } from "./generation-settings.ts";
import {
  familyBoundsText,
  type ImageBoundsOptions,
  preprocessingElsewhere,
  preprocessingOf,
  processorOf,
} from "./image-preprocessing.ts";
import {
  createBlockMaker,
  createHeadRunner,
  createInputHead,
  createStateHead,
  headRecord,
  latentConfigOf,
  latentSize,
  PREFIX,
} from "./latent-heads/index.ts";
import type { LatentModel, LocalModel } from "./latent-model.ts";
import { stopVectorOf } from "./stop-vector.ts";

interface ModelParts {
  config: QwenConfig;
  /** All of the network's, or those of heads only where the network's are in a `store`. */
  weights: WeightValues;
  store?: WeightStore;
  tokenizer: Tokenizer;
  processor: ProcessorConfig;
  eos: readonly number[];
  /** Overrides what config.json says: a family or dialect, or its name. */
  family?: string | Family;
  /** What generation_config.json says. */
  checkpoint?: Pick<GenerationConfig, "repetitionPenalty">;
}

/** What the user may say about how a model decodes; the family's evaluation and generation_config.json say the rest. */
export interface AssembleOptions extends SessionOptions, ImageBoundsOptions {
  /** Prefills also give the states of every token of the prompt: of every layer, or ("last") after the last. */
  everyHidden?: boolean | "last";
  /** Features of images come with what the tower's merger made them of. */
  cells?: boolean;
  repetitionPenalty?: number;
  maxTokens?: number;
  /** Told of what was tolerated in the checkpoint. */
  onWarning?: (warning: string) => void;
}

/** Puts the parts of a latent model together. The weights stay the caller's and may change between runs. */
export function assembleModel(parts: ModelParts, options: AssembleOptions = {}): LocalModel {
  const { config, weights, store, tokenizer } = parts;
  const { head } = familyOf(config.raw, parts.family, tokenizer.idOf).rules(config.raw, tokenizer.idOf);
  const network = { ...options, ...(head?.layer !== undefined && { innerLayer: head.layer }) };
  return {
    ...assembleAround(createModel(config, store ?? weights, network), parts, options),
    ...(!store && { fingerprint: async () => inMemory(parts) }),
  };
}

/** How pictures become features: by Lintel's image processor, or by the checkpoint's own at an engine. */
function readingOf(
  running: Network,
  {
    family,
    rules,
    own,
    config,
  }: { family: Family; rules: BlockRules; config: NetworkConfig } & {
    own: ProcessorConfig | EngineProcessor;
  },
  options: ImageBoundsOptions,
): Pick<LatentModel, "pictures" | "processor" | "prepares" | "features"> & { helpers?: FeatureStore } {
  if ("architecture" in own) {
    const encoder = { process: (picture: Picture) => picture, cost: pixelsSquared, features: own.pictures };
    const pictures = preprocessingElsewhere(family, own.architecture, options);
    return { pictures, processor: null, prepares: own, features: featureStoreOf(encoder) };
  }
  const pictures = preprocessingOf(family, own, config.raw, options);
  const processor = processorOf(pictures, own);
  const { first: _, ...once } = processor;
  const helperPixels = family.helperPixels?.(config.raw);
  const ofHelpers = helperPixels
    ? { ...once, ...helperPixels }
    : family.helperTokens
      ? smaller(once, family.helperTokens(rules))
      : family.pictures.helpersOnce && processor.first
        ? once
        : null;
  const storeOf = (by: ProcessorConfig) => createFeatureStore(running, imageProcessor(by));
  return {
    ...{ pictures, processor, features: storeOf(processor) },
    ...(ofHelpers && { helpers: storeOf(ofHelpers) }),
  };
}

/** Patches of 14 pixels, squared: what attention within an image costs at most. */
const pixelsSquared = ({ width, height }: Picture): number => ((width * height) / 196) ** 2;

/** A latent model around a network that runs already; of `weights`, only those of heads are read. */
export function assembleAround<N extends Network>(
  running: N,
  {
    config,
    weights,
    tokenizer,
    processor: own,
    eos,
    family: chosen,
    checkpoint,
  }: Omit<ModelParts, "config" | "processor"> & {
    config: NetworkConfig;
    processor: ProcessorConfig | EngineProcessor;
  },
  options: AssembleOptions & { readsLogits?: boolean; makesBlocks?: boolean } = {},
): LatentModel<N> {
  const { vocabSize, hiddenSize: width } = config.text;
  const family = familyOf(config.raw, chosen, tokenizer.idOf);
  const latent = latentConfigOf(config.raw);
  const beside = latent !== null && headRecord(latent.head).beside !== undefined;
  const known = checkedRules(family, config, tokenizer, options.onWarning);
  ensure(!beside || !("remote" in running), "checkpoint", () => ({
    where: `the head ${latent!.head.kind} that config.json names`,
    expected: "the ONNX engine, which runs its layers",
    got: "--engine torch, which does not",
    attempt: "the same command without --engine",
  }));
  ensure(known.made !== "branch" || options.makesBlocks, "checkpoint", () => ({
    where: `the family ${family.name}`,
    expected: "a network with a branch that makes latents, run by --engine torch",
    got: "remote" in running ? `${config.modelType} without one` : "the ONNX engine, which has none",
    attempt: "--engine torch --python CMD with a checkpoint of that family",
  }));
  ensure(!known.picks || "remote" in running, "checkpoint", () => ({
    where: `the family ${family.name}`,
    expected: "a network that picks features of images by its attention, run by --engine torch",
    got: "the ONNX engine, which does not",
    attempt: "--engine torch --python CMD",
  }));
  const { layer } = known.head ?? {};
  ensure(layer === undefined || !("remote" in running) || running.likeliest, "checkpoint", () => ({
    where: `the family ${family.name}`,
    expected: `an engine that gives the states of layer ${layer}, which its head reads (version 2 of the protocol)`,
    got: "an engine of version 1",
    attempt: "Lintel and its engine of one version",
  }));
  const rules: BlockRules = beside ? { ...known, made: "branch" } : known;
  const reading = readingOf(running, { family, rules, own, config }, options);
  const head = latent
    ? createHeadRunner(latent, latentSize(config as QwenConfig, rules.k), weights, {
        ...options,
        vision: (config as QwenConfig).vision,
      })
    : rules.head &&
      (rules.head.replaces === "input" ? createInputHead : createStateHead)(
        rules.head,
        weights,
        width,
        options,
      );
  const branch = beside
    ? createBlockMaker(
        latent,
        config as QwenConfig,
        { k: rules.k, compress: (rows, wide, k) => family.compress(rows, wide, k) },
        weights,
        options,
      )
    : null;
  const release = async (): Promise<void> => {
    await head?.release();
    await branch?.release();
    await running.release();
  };
  const made = head || branch ? { ...running, release, ...(branch && { branch }) } : running;
  // Vectors stand behind a layer: what reads them in front of the first would read something else.
  const network = rules.apart ? { ...made, replay: undefined, likeliest: undefined } : made;
  return {
    network,
    tokenizer,
    ...reading,
    family,
    rules,
    eos,
    generation: generationOf(family, checkpoint, vocabSize, options),
    ...(head && { head }),
    ...(rules.stop && { stopVector: stopVectorOf(rules.stop, weights, width) }),
  };
}

/** Digests of a model that is not in files. */
const inMemory = ({ config, weights, tokenizer, processor, eos }: ModelParts): Facts => ({
  configuration: digestOf([config, eos]),
  tokenizer: digestOf([tokenizer.files]),
  processor: digestOf([processor]),
  weights: digestOf(
    (function* () {
      for (const [name, { shape, data }] of Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)))
        yield [
          name,
          shape,
          ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data,
        ];
    })(),
  ),
});

/** A processor whose images have at most `tokens` merged tokens, and at least four, as in qwen_vl_utils. */
function smaller(processor: ProcessorConfig, tokens: number): ProcessorConfig {
  const cell = (processor.patchSize * processor.mergeSize) ** 2;
  const maxPixels = Math.min(processor.maxPixels, tokens * cell);
  return { ...processor, maxPixels, minPixels: Math.min(processor.minPixels, 4 * cell, maxPixels) };
}

/** The rules of a family for a checkpoint, ids within its embedding table. */
export function checkedRules(
  family: Family,
  { raw, text }: Pick<NetworkConfig, "raw" | "text">,
  tokenizer: Tokenizer,
  onWarning?: (warning: string) => void,
): BlockRules {
  const rules = family.rules(raw, tokenizer.idOf, onWarning);
  const { startId, endId, padId } = rules;
  for (const id of [startId, endId, padId, ...(rules.static ?? [])]) {
    ensure(id === null || id < text.vocabSize, "checkpoint", () => ({
      where: `ids of latent tokens, family ${family.name}`,
      expected: `ids below ${text.vocabSize}, the rows of the embedding table`,
      got: `${id}`,
      attempt: "config.json, tokenizer and weights of one and the same checkpoint",
    }));
  }
  return rules;
}

export interface LoadOptions extends AssembleOptions {
  /** A family or dialect by name, or a YAML file of block rules. */
  family?: string;
  /** What the weights are computed with: as they are stored (`float32`, default), or rounded to 8 or 4 bits. */
  weights?: WeightFormat;
  /** Told of the rounding, which takes time when it is done first. */
  onProgress?: OnProgress;
}

/** Ids that end a reply; ids beyond the embedding table are left out, with a warning. */
export function endsOf(
  { directory, generation }: Pick<Checkpoint, "directory" | "generation">,
  rows: number,
  onWarning?: (warning: string) => void,
): number[] {
  const beyond = generation.eos.filter((id) => id >= rows);
  const kept = generation.eos.filter((id) => id < rows);
  ensure(beyond.length === 0 || kept.length > 0, "checkpoint", () => ({
    where: `${directory}, eos_token_id of generation_config.json or config.json`,
    expected: `ids below ${rows}, the rows of the embedding table`,
    got: beyond.join(", "),
    attempt: "the generation_config.json that belongs to the checkpoint",
  }));
  for (const id of beyond)
    onWarning?.(
      `${directory}: eos_token_id ${id} is no row of the embedding table (${rows}): it is left out`,
    );
  return kept;
}

/**
 * Loads a checkpoint directory for reasoning. Everything is checked before a weight is read, and the network's weights
 * stay in their files (`fileWeights`).
 *
 * Errors: code "checkpoint" naming file and tensor.
 *
 * @experimental
 * @example
 * await generateDataset({ task: "crop", out: "load", train: 8, eval: 4, heldOut: 0, parameters: { rendering: "pocket" } });
 * await trainModel({ recipe: "joint", data: "load", out: "load-model", steps: 1, batch: 4, followExamples: 2 });
 * (await loadLatentModel("load-model")).family.name; // "lantern"
 */
export async function loadLatentModel(
  directory: string,
  { family: named, weights: form, onProgress, ...options }: LoadOptions = {},
): Promise<LocalModel> {
  const { onWarning } = options;
  const family = named === undefined ? undefined : await readFamily(named);
  const checkpoint = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const { vocabSize } = checkpoint.config.text;
  ensure(tokenizer.size <= vocabSize, "checkpoint", () => ({
    where: directory,
    expected: `a tokenizer of at most ${vocabSize} tokens, the rows of the embedding table`,
    got: `${tokenizer.size} tokens in tokenizer.json`,
    attempt: "the tokenizer and the model.safetensors of one and the same checkpoint",
  }));
  const eos = endsOf(checkpoint, vocabSize, onWarning);
  const known = familyOf(checkpoint.config.raw, family, tokenizer.idOf);
  const processor = await readProcessor(directory, familyBoundsText(known));
  for (const warning of [...checkpoint.warnings, ...(tokenizer.warnings ?? [])]) onWarning?.(warning);
  const { head, stop } = known.rules(checkpoint.config.raw, tokenizer.idOf);
  const wanted = [PREFIX, ...(head ? [`${head.prefix}.`] : [])];
  const trained = latentConfigOf(checkpoint.config.raw);
  // A head in front of the tower's merger takes that merger's weights as well.
  const merger =
    trained && headRecord(trained.head).usesMerger
      ? [...checkpoint.tensors.keys()].filter((name) => name.startsWith("visual.merger."))
      : [];
  const ofHead = [...checkpoint.extra.keys()].filter(
    (name) => name === stop?.tensor || wanted.some((prefix) => name.startsWith(prefix)),
  );
  // Logits behind a head are read with the output matrix, which the network keeps to itself.
  const output = checkpoint.tensors.has("lm_head.weight") ? "lm_head.weight" : "model.embed_tokens.weight";
  const loaded = await loadWeights(checkpoint, [...ofHead, ...merger, ...(head ? [output] : [])]);
  const weights = Object.fromEntries(
    [...loaded].map(([name, { shape, data }]) => [name, float32(data, shape)]),
  );
  const { config, generation } = checkpoint;
  const model = assembleModel(
    {
      config,
      weights,
      store: await fileWeights(checkpoint, { ...(form && { form }), ...(onProgress && { onProgress }) }),
      tokenizer,
      processor,
      eos,
      checkpoint: generation,
      ...(family && { family }),
    },
    options,
  );
  return { ...model, fingerprint: () => checkpointFingerprint(directory) };
}

/** What a latent block of a checkpoint is. */
export interface BlockShape {
  family: string;
  rules: BlockRules;
  /** Numbers of a slot. */
  width: number;
}
