/** A latent model whose network an engine elsewhere runs. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  type Connection,
  connectEngine,
  type EngineMachine,
  machineOf,
  type Tensor,
} from "../engine/index.ts";
import { type Family, familyOf, readFamily } from "../families/index.ts";
import type { Facts } from "../formats/index.ts";
import { float32, type Value } from "../graph/index.ts";
import {
  canonicalName,
  hasQwenProcessor,
  isQwen,
  loadTokenizer,
  openSettings,
  type ProcessorConfig,
  parseConfig,
  type RawSettings,
  readProcessor,
  type Tokenizer,
  withRows,
} from "../qwen/index.ts";
import { ensure } from "../util/index.ts";
import { engineProcessor } from "./engine/processor.ts";
import { remoteNetwork } from "./engine/remote.ts";
import type { EngineProcessor, NetworkConfig, RemoteNetwork } from "./engine/types.ts";
import { familyBoundsText } from "./image-preprocessing.ts";
import { headRecord, latentConfigOf, PREFIX } from "./latent-heads/index.ts";
import type { LatentModel } from "./latent-model.ts";
import { assembleAround, endsOf, type LoadOptions } from "./load-model.ts";
import { type QuestionReader, questionReaderOf } from "./question-preview.ts";

const dtypes = ["auto", "float32", "bfloat16", "float16"] as const;
export type EngineDtype = (typeof dtypes)[number];
const attentions = ["sdpa", "eager", "flash_attention_2"] as const;
export type EngineAttention = (typeof attentions)[number];

/** An engine, and how it is to load a model. */
export interface EngineRequest {
  /** The command line that starts a Python with torch and transformers. */
  command: string;
  /** "auto" (default): as the checkpoint's config.json says. */
  dtype?: EngineDtype;
  /** As transformers takes it: auto (default), cpu, cuda:0, … */
  deviceMap?: string;
  attention?: EngineAttention;
  /** Whether Python files of the checkpoint may run. */
  trustRemoteCode?: boolean;
  silentSeconds?: number;
}

interface RemoteLoadOptions extends LoadOptions {
  /** Told of lines of the engine's standard error. */
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What an engine says of a model that it has loaded. */
interface Description {
  architecture: string;
  modelType: string;
  dtype: string;
  attention: string;
  devices: string[];
  deviceName: string;
  versions: Record<string, string>;
  vocabSize: number;
  hiddenSize: number;
  layers: number;
  kvHeads: number;
  headDim: number;
  vision: boolean;
  /** The network makes whole blocks by itself. */
  ownBlocks: boolean;
  memory?: { free: number };
  tokens: { image: number | null; visionStart: number | null };
}

/** The checkpoint's small files as the engine has them, in a directory of their own while `work` reads them. */
async function withFiles<T>(
  engine: Connection,
  model: string,
  work: (directory: string, sizes: Readonly<Record<string, number>>) => Promise<T>,
): Promise<T> {
  const { header } = await engine.request("files", { model });
  const root = await mkdtemp(join(tmpdir(), "lintel-engine-"));
  try {
    const directory = join(root, basename(model) || "checkpoint");
    await mkdir(directory);
    // Names come from another machine: none of them may lead out of the directory.
    for (const [name, text] of Object.entries(header.files as Record<string, string>))
      if (basename(name) === name) await writeFile(join(directory, name), text);
    return await work(directory, header.sizes as Record<string, number>);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Tensors of a checkpoint by canonical name, those that `wanted` says. */
async function tensorsOf(
  engine: Connection,
  model: string,
  wanted: (name: string) => boolean,
): Promise<Record<string, Value>> {
  const { header } = await engine.request("tensors", { model, names: [] });
  const stored = Object.keys(header.index as Record<string, unknown>).filter((name) =>
    wanted(canonicalName(name)),
  );
  if (stored.length === 0) return {};
  const { tensors } = await engine.request("tensors", { model, names: stored });
  return Object.fromEntries(
    stored.map((name) => {
      const { data, shape } = tensors[name] as Tensor;
      return [canonicalName(name), float32(data as Float32Array, shape)];
    }),
  );
}

/** The configuration of a model of an architecture that only the engine knows. */
const describedConfig = (
  { modelType, hiddenSize, layers, kvHeads, headDim, vocabSize, tokens }: Description,
  raw: Record<string, unknown>,
): NetworkConfig => ({
  modelType,
  text: { hiddenSize, layers, kvHeads, headDim, vocabSize },
  tokens: { image: tokens.image ?? -1, visionStart: tokens.visionStart ?? -1, visionEnd: -1 },
  raw,
});

/** All of a checkpoint but its weights, as it is on an engine's side. */
interface OpenedCheckpoint {
  described: Description;
  config: NetworkConfig;
  settings: RawSettings;
  tokenizer: Tokenizer;
  /** Lintel's image processor where the checkpoint's is of that kind, or the checkpoint's own at the engine. */
  processor: ProcessorConfig | EngineProcessor;
  warnings: string[];
}

/** Has an engine load a checkpoint, or without `weights` only its architecture. */
async function openAt(
  engine: Connection,
  path: string,
  directory: string,
  { dtype = "auto", deviceMap = "auto", attention = null as string | null, trustRemoteCode = false },
  { family, threads = null, weights }: { family?: Family; threads?: number | null; weights: boolean },
): Promise<OpenedCheckpoint> {
  const settings = await openSettings(directory);
  const { raw } = settings;
  const where = `${path}/config.json`;
  const known = isQwen(raw.model_type as string) ? parseConfig(raw, where) : null;
  const tokenizer = await loadTokenizer(directory);
  const bounds = () => familyBoundsText(familyOf(raw, family, tokenizer.idOf));
  const own = known ? await readProcessor(directory, bounds()) : null;
  const options = { dtype, deviceMap, attention, trustRemoteCode, threads, kind: "auto" };
  const { header } = await engine.request("load", { model: path, ...options, ...(!weights && { weights }) });
  const described = header as unknown as Description;
  const warnings = [...settings.warnings, ...(tokenizer.warnings ?? [])];
  const basic = { described, settings, tokenizer, warnings };
  if (known && own) {
    const config = withRows(known, described.vocabSize, where, warnings);
    ensure(described.hiddenSize === config.text.hiddenSize, "checkpoint", () => ({
      where: path,
      expected: `a model of width ${config.text.hiddenSize}, as config.json has it`,
      got: `${described.architecture} of width ${described.hiddenSize}`,
    }));
    return { ...basic, config, processor: own };
  }
  const config = describedConfig(described, raw);
  // Positions and number of image tokens are Qwen-VL's where the image processor is.
  if (described.tokens.visionStart !== null && (await hasQwenProcessor(directory))) {
    const processor = await readProcessor(directory, bounds());
    return { ...basic, config: { ...config, vision: { mergeSize: processor.mergeSize } }, processor };
  }
  return { ...basic, config, processor: await engineProcessor(engine, described, tokenizer) };
}

/** Starts an engine for `work`, which is ended where it fails. */
async function atEngine<T>(
  path: string,
  { command, silentSeconds }: EngineRequest,
  { onLine, onWarning, signal }: Pick<RemoteLoadOptions, "onLine" | "onWarning" | "signal">,
  work: (at: {
    engine: Connection;
    directory: string;
    sizes: Readonly<Record<string, number>>;
    notes: string[];
  }) => Promise<T>,
): Promise<T> {
  const notes: string[] = [];
  const onNote = ({ message }: { message: string }): void => {
    notes.push(message);
    onWarning?.(`the engine: ${message}`);
  };
  const engine = await connectEngine(command, { onLine, onNote, signal, silentSeconds });
  try {
    return await withFiles(engine, path, (directory, sizes) => work({ engine, directory, sizes, notes }));
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The family, without oracles where the model reads no images to make them of. */
const seeingFamily = (family: Family, { vision, architecture }: Description): Family =>
  vision || family.noOracle !== undefined
    ? family
    : { ...family, noOracle: `${architecture} reads no images, of whose features an oracle would be made` };

/**
 * Starts an engine and has it load a checkpoint of any architecture that transformers has, whose path is the engine's.
 * Tokenizer, family and heads are read from the files that it has, and images are prepared here where the image processor
 * is Qwen-VL's; otherwise the checkpoint's own processor prepares images and prompts there. Releasing the network ends the
 * engine.
 *
 * Errors: as `connectEngine` and `loadLatentModel`.
 */
export async function loadRemoteModel(
  path: string,
  request: EngineRequest,
  { family: named, onWarning, onLine, signal, ...options }: RemoteLoadOptions = {},
): Promise<LatentModel<RemoteNetwork>> {
  const chosen = named === undefined ? undefined : await readFamily(named);
  return atEngine(path, request, { onLine, onWarning, signal }, async ({ engine, directory, notes }) => {
    const opened = await openAt(engine, path, directory, request, {
      ...(chosen && { family: chosen }),
      ...(options.threads !== undefined && { threads: options.threads }),
      weights: true,
    });
    const { described, config, settings, tokenizer, processor, warnings } = opened;
    const { generation, raw } = settings;
    const eos = endsOf({ directory: path, generation }, config.text.vocabSize, onWarning);
    for (const warning of warnings) onWarning?.(warning);
    const family = seeingFamily(familyOf(raw, chosen, tokenizer.idOf), described);
    const { head, stop } = family.rules(raw, tokenizer.idOf);
    const trained = latentConfigOf(raw);
    const merger = trained !== null && headRecord(trained.head).usesMerger === true;
    const weights = await tensorsOf(
      engine,
      path,
      (name) =>
        name === stop?.tensor ||
        name.startsWith(PREFIX) ||
        (Boolean(head) && name.startsWith(`${head!.prefix}.`)) ||
        (merger && name.startsWith("visual.merger.")),
    );
    const model = assembleAround(
      remoteNetwork(engine, config, described.memory?.free),
      { config, weights, tokenizer, processor, eos, checkpoint: generation, family },
      { ...options, ...(onWarning && { onWarning }), readsLogits: false, makesBlocks: described.ownBlocks },
    );
    const fingerprint = async (): Promise<Facts> =>
      (await engine.request("fingerprint", { model: path })).header.files as Facts;
    const { dtype, attention, devices, deviceName, versions } = described;
    return {
      ...model,
      fingerprint,
      engine: { engine: "torch", dtype, attention, devices, deviceName, versions, notes },
    };
  });
}

/** A checkpoint elsewhere of which no weight was read. */
export interface StoredCheckpoint {
  /** Bytes of its weights as stored, and the type that they are loaded as. */
  storedBytes: number;
  dtype: string;
  storedDtype: string;
  machine: EngineMachine;
}

/** How a checkpoint is stored at an engine, and what its machine can do. */
async function storedAt(
  engine: Connection,
  { raw }: RawSettings,
  sizes: Readonly<Record<string, number>>,
  { dtype = "auto", deviceMap = "auto" }: EngineRequest,
): Promise<StoredCheckpoint> {
  const text = (raw.text_config ?? {}) as Record<string, unknown>;
  const named = [raw.dtype, raw.torch_dtype, text.dtype, text.torch_dtype].find((name) => name);
  const storedDtype = typeof named === "string" ? named : "float32";
  const used = dtype === "auto" ? storedDtype : dtype;
  const machine = await machineOf(engine, { dtype: used, deviceMap });
  const weights = Object.entries(sizes).filter(([name]) => /\.(safetensors|bin)$/.test(name));
  const storedBytes = weights.reduce((sum, [, bytes]) => sum + bytes, 0);
  return { storedBytes, storedDtype, dtype: used, machine };
}

/**
 * What reads questions of a checkpoint on an engine's side, how it is stored there, and the machine; no weight is read.
 * `release` ends the engine.
 *
 * Errors: as `loadRemoteModel`.
 */
export async function remoteQuestionReader(
  path: string,
  request: EngineRequest,
  { family: named, onWarning, onLine, signal, ...options }: RemoteLoadOptions = {},
): Promise<QuestionReader & { stored: StoredCheckpoint; release(): Promise<void> }> {
  const chosen = named === undefined ? undefined : await readFamily(named);
  return atEngine(path, request, { onLine, onWarning, signal }, async ({ engine, directory, sizes }) => {
    const opened = await openAt(engine, path, directory, request, {
      ...(chosen && { family: chosen }),
      weights: false,
    });
    const { described, config, settings, tokenizer, processor } = opened;
    const family = seeingFamily(familyOf(settings.raw, chosen, tokenizer.idOf), described);
    const stored = await storedAt(engine, settings, sizes, request);
    const release = (): Promise<void> => engine.close();
    return { ...questionReaderOf({ config, tokenizer, family, processor }, options), stored, release };
  });
}
