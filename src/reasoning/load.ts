/** A latent model from a checkpoint directory. */
import { readFile } from "node:fs/promises";
import { type BlockRules, familyOf } from "../families/index.ts";
import { float32, type SessionOptions } from "../graph/index.ts";
import {
  createModel,
  imageProcessor,
  loadTokenizer,
  loadWeights,
  openCheckpoint,
  type ProcessorConfig,
  parseProcessorConfig,
  type QwenConfig,
  type Tokenizer,
  type WeightValues,
} from "../qwen/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { createFeatureStore } from "./features.ts";
import { createFeed, feedbackOf, PREFIX } from "./feedback/index.ts";
import type { LatentModel } from "./model.ts";

export interface ModelParts {
  config: QwenConfig;
  weights: WeightValues;
  tokenizer: Tokenizer;
  processor: ProcessorConfig;
  eos: readonly number[];
  /** Overrides what config.json says. */
  family?: string;
}

/**
 * Puts the parts of a latent model together. The weights stay the caller's and may change between runs.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 *   extra: { latent_size: 1, lvr_start_id: 7 },
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * const tokenizer = createTokenizer(pocketTokenizer(["a", "b"]), "example");
 * const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144 }, "example");
 * const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] });
 * model.family.name; // "lantern"
 */
export function assembleModel(
  { config, weights, tokenizer, processor, eos, family: name }: ModelParts,
  options: SessionOptions = {},
): LatentModel {
  const family = familyOf(config.raw, name);
  const network = createModel(config, weights, options);
  const rules = family.rules(config.raw, tokenizer.idOf);
  const trained = feedbackOf(config.raw);
  const feed =
    trained && createFeed(trained, { width: config.text.hiddenSize, k: rules.k }, weights, options);
  const release = async (): Promise<void> => {
    await feed?.release();
    await network.release();
  };
  return {
    network: feed ? { ...network, release } : network,
    tokenizer,
    features: createFeatureStore(network, imageProcessor(processor)),
    family,
    rules,
    eos,
    ...(feed && { feed }),
  };
}

export interface LoadOptions extends SessionOptions {
  family?: string;
  /** Told of what was tolerated in the checkpoint. */
  onWarning?: (warning: string) => void;
}

/**
 * The image processor's configuration of a checkpoint.
 *
 * @example
 * const { writeFile } = await import("node:fs/promises");
 * await writeFile("preprocessor_config.json", JSON.stringify({ patch_size: 14, merge_size: 2 }));
 * (await readProcessor(".")).patchSize; // 14
 */
export async function readProcessor(directory: string): Promise<ProcessorConfig> {
  const path = `${directory}/preprocessor_config.json`;
  try {
    return parseProcessorConfig(JSON.parse(await readFile(path, "utf8")), path);
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw new LintelError("checkpoint", {
      where: path,
      expected: "the image processor's configuration",
      got: (cause as Error).message,
      attempt: "copying preprocessor_config.json from the base model",
      cause,
    });
  }
}

/**
 * Loads a checkpoint directory for reasoning. Everything is checked before a weight is read.
 *
 * Errors: code "checkpoint" naming file and tensor.
 *
 * @example
 * const error = await loadLatentModel("no-such-directory").catch((error) => error);
 * error.code; // "checkpoint" or "input"
 */
export async function loadLatentModel(
  directory: string,
  { family, onWarning, ...options }: LoadOptions = {},
): Promise<LatentModel> {
  const checkpoint = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const { vocabSize } = checkpoint.config.text;
  ensure(tokenizer.size <= vocabSize, "checkpoint", () => ({
    where: directory,
    expected: `a tokenizer of at most ${vocabSize} tokens, the rows of the embedding table`,
    got: `${tokenizer.size} tokens in tokenizer.json`,
    attempt: "the tokenizer and the model.safetensors of one and the same checkpoint",
  }));
  const processor = await readProcessor(directory);
  for (const warning of checkpoint.warnings) onWarning?.(warning);
  const ofHead = [...checkpoint.extra.keys()].filter((name) => name.startsWith(PREFIX));
  const loaded = await loadWeights(checkpoint, [...checkpoint.tensors.keys(), ...ofHead]);
  const weights = Object.fromEntries(
    [...loaded].map(([name, { shape, data }]) => [name, float32(data, shape)]),
  );
  const { config, generation } = checkpoint;
  return assembleModel(
    { config, weights, tokenizer, processor, eos: generation.eos, ...(family && { family }) },
    options,
  );
}

/** What a latent block of a checkpoint is. */
export interface BlockShape {
  family: string;
  rules: BlockRules;
  /** Numbers of a slot. */
  width: number;
}

/**
 * The shape of a checkpoint's latent blocks, without reading its weights.
 *
 * Errors: code "checkpoint" naming the file, as `loadLatentModel`.
 *
 * @example
 * const error = await readBlockShape("no-such-directory").catch((error) => error);
 * error.code; // "checkpoint" or "input"
 */
export async function readBlockShape(
  directory: string,
  { family: name }: Pick<LoadOptions, "family"> = {},
): Promise<BlockShape> {
  const { config } = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const family = familyOf(config.raw, name);
  return {
    family: family.name,
    rules: family.rules(config.raw, tokenizer.idOf),
    width: config.text.hiddenSize,
  };
}
