/** Opening and reading checkpoint directories. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readSafetensors, toFloat32 } from "../../formats/index.ts";
import { ensure } from "../../util/index.ts";
import { parseConfig } from "../config/config-json.ts";
import {
  type GenerationConfig,
  parseGenerationConfig,
  unappliedSettings,
} from "../config/generation-config.ts";
import { parseFields } from "../config/parse-fields.ts";
import type { QwenConfig } from "../config/types.ts";
import { readOptionalJson } from "./optional-json.ts";
import { abbreviated, MERGE, type StoredTensor, storedTensors } from "./stored-tensors.ts";
import { expectedTensors } from "./tensor-names.ts";
import { resolveTiedHead } from "./tied-head.ts";

/** A checkpoint directory whose files have been checked; weights are not read yet. */
export interface Checkpoint {
  directory: string;
  config: QwenConfig;
  generation: GenerationConfig;
  /** Every tensor of the architecture, by canonical name. */
  tensors: Map<string, StoredTensor>;
  /** Other tensors, such as the heads of families, by canonical name. */
  extra: Map<string, StoredTensor>;
  /** Tolerated deviations, for the user. */
  warnings: string[];
}

/** Float weights in memory: canonical name → shape and values. */
export type Weights = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** Tensor names of PEFT wrappers: adapters, and full copies of modules trained with them. */
const ADAPTED =
  /(?:^|\.)(?:lora_|ia3_|oft_|hada_|lokr_|vera_|trainable_tokens_)|\.(?:base_layer|modules_to_save|original_module|token_adapter)\./;

function checkTensors(directory: string, config: QwenConfig, found: Map<string, StoredTensor>): void {
  const layers = config.text.layers + config.vision.depth;
  ensure(layers <= found.size, "checkpoint", () => ({
    where: directory,
    expected: `several tensors for each of the ${layers} layers in config.json`,
    got: `${found.size} tensors`,
  }));
  const expected = expectedTensors(config);
  // without them the loaded model would differ from the trained one
  const adapters = [...found.keys()].filter((name) => ADAPTED.test(name));
  ensure(adapters.length === 0, "checkpoint", () => ({
    where: directory,
    expected: "weights with their adapters merged, and no modules_to_save",
    got: abbreviated(adapters),
    attempt: MERGE,
  }));
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const others = [...found.entries()].filter(([name]) => !expected.has(name)).map(([, { stored }]) => stored);
  ensure(missing.length === 0, "checkpoint", () => ({
    where: directory,
    expected: `${expected.size} tensors of the architecture in config.json`,
    got: `a checkpoint without ${abbreviated(missing)}${others.length > 0 ? `, but with ${abbreviated(others)}` : ""}`,
    ...(missing.join() === "lm_head.weight" && {
      attempt: 'setting "tie_word_embeddings" in config.json if the head is the embedding table',
    }),
  }));
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    const tensor = found.get(name)!;
    if (tensor.shape.join() !== shape.join()) wrong.push(`${name} [${tensor.shape}] instead of [${shape}]`);
    else if (!["F32", "F16", "BF16", "F64"].includes(tensor.dtype)) wrong.push(`${name} as ${tensor.dtype}`);
  }
  ensure(wrong.length === 0, "checkpoint", () => ({
    where: directory,
    expected: "floats of 16, 32 or 64 bits in the shapes that follow from config.json",
    got: abbreviated(wrong),
  }));
}

/** A configuration whose embedding table has `rows` rows, with a warning where config.json has others. */
export function withRows(config: QwenConfig, rows: number, where: string, warnings: string[]): QwenConfig {
  if (rows === config.text.vocabSize) return config;
  warnings.push(
    `${where}: vocab_size ${config.text.vocabSize}, but the embedding table has ${rows} rows: using ${rows}`,
  );
  return { ...config, text: { ...config.text, vocabSize: rows } };
}

/** `config.json` and `generation_config.json` of a checkpoint, whatever its architecture. */
export interface RawSettings extends Pick<Checkpoint, "directory" | "generation" | "warnings"> {
  raw: Record<string, unknown>;
}

/** The `config.json` of a directory, whatever its architecture. */
async function rawConfig(directory: string): Promise<Record<string, unknown>> {
  const where = join(directory, "config.json");
  const json = await readOptionalJson(directory, "config.json");
  ensure(json !== null, "checkpoint", () => ({
    where: directory,
    expected: "a checkpoint directory with a config.json",
    got: existsSync(directory) ? "a directory without one" : "no such directory",
  }));
  return parseFields(z.looseObject({ model_type: z.string() }), json, where, "a model's configuration");
}

/** The `generation_config.json` of a directory, and what of it is not applied. */
async function generationOf(
  directory: string,
  raw: Record<string, unknown>,
): Promise<Pick<Checkpoint, "generation" | "warnings">> {
  const where = join(directory, "generation_config.json");
  const generation = parseGenerationConfig(
    await readOptionalJson(directory, "generation_config.json"),
    raw,
    where,
  );
  const unapplied = unappliedSettings(generation.raw);
  const warnings =
    unapplied.length === 0
      ? []
      : [
          `${where}: ${unapplied.join(", ")} change what transformers generates and ${unapplied.length === 1 ? "is" : "are"} not applied by Lintel`,
        ];
  return { generation, warnings };
}

/**
 * Reads the settings of a checkpoint directory, its weights aside: `config.json` and `generation_config.json`.
 *
 * Errors: "checkpoint" naming the file.
 */
export async function openSettings(directory: string): Promise<RawSettings> {
  const raw = await rawConfig(directory);
  return { directory, raw, ...(await generationOf(directory, raw)) };
}

/**
 * Opens a Qwen2.5-VL or Qwen3-VL checkpoint directory: reads `config.json`, `generation_config.json` and the headers of
 * the weights (one file or shards with an index), and checks that every tensor of the architecture is present once, in
 * the right shape. Weights are not read, except a language-model head stored with a tied configuration: if it differs
 * from the embedding table, the configuration becomes untied. Throws `LintelError` "checkpoint" naming the file or tensor.
 */
export async function openCheckpoint(directory: string): Promise<Checkpoint> {
  const where = join(directory, "config.json");
  const raw = await rawConfig(directory);
  let config = parseConfig(raw, where);
  const { generation, warnings } = await generationOf(directory, raw);
  const found = await storedTensors(directory);

  // families resize the table when they add tokens, and some do not update config.json
  const rows = found.get("model.embed_tokens.weight")?.shape[0];
  if (rows !== undefined) config = withRows(config, rows, where, warnings);
  const head = await resolveTiedHead(config, found, where);
  config = head.config;
  if (head.warning) warnings.push(head.warning);
  checkTensors(directory, config, found);
  const tensors = new Map<string, StoredTensor>();
  for (const name of expectedTensors(config).keys()) {
    tensors.set(name, found.get(name)!);
    found.delete(name);
  }
  // heads and end vectors of families are expected; warn about others, such as CoVT's projections, which only training uses
  const foreign = [...found.keys()].filter(
    (name) => !/^(lvr_head|lvr_latent_end_emb|latent_head|sketch_extractor)\b/.test(name),
  );
  if (foreign.length > 0)
    warnings.push(`${directory}: tensors outside the architecture: ${abbreviated(foreign)}`);
  return { directory, config, generation, tensors, extra: found, warnings };
}

/**
 * Reads weights as float32 by canonical name: `names`, or all tensors of the architecture. bfloat16 and float16 convert
 * exactly. Throws `LintelError` "checkpoint".
 */
export async function loadWeights(checkpoint: Checkpoint, names?: Iterable<string>): Promise<Weights> {
  const wanted = new Map<string, StoredTensor>();
  for (const name of names ?? checkpoint.tensors.keys()) {
    const tensor = checkpoint.tensors.get(name) ?? checkpoint.extra.get(name);
    ensure(tensor, "checkpoint", () => ({
      where: checkpoint.directory,
      expected: `a tensor ${name}`,
      got: `${checkpoint.tensors.size + checkpoint.extra.size} others`,
    }));
    wanted.set(name, tensor);
  }
  const weights: Weights = new Map();
  for (const path of new Set([...wanted.values()].map((tensor) => tensor.path))) {
    const here = new Map<string, string>();
    for (const [name, tensor] of wanted) if (tensor.path === path) here.set(tensor.stored, name);
    for (const [stored, tensor] of await readSafetensors(path, here.keys())) {
      weights.set(here.get(stored)!, { shape: tensor.shape, data: toFloat32(tensor) });
    }
  }
  return weights;
}
