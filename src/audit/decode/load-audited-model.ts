/** Loading the model of an audit, and the network that its oracles are taken from. */
import type { Device, SessionOptions } from "../../graph/index.ts";
import type { WeightFormat } from "../../qwen/index.ts";
import {
  type EngineRequest,
  type LatentModel,
  loadLatentModel,
  loadRemoteModel,
  type PixelsOf,
  withTargetNetwork,
} from "../../reasoning/index.ts";
import type { DeviceProof } from "../../training/index.ts";
import { ensure, type OnProgress } from "../../util/index.ts";
import type { BaselineAnswers } from "../judge/text-baseline.ts";
import { suiteOf } from "../suites/index.ts";

export interface ModelRequest extends SessionOptions {
  /** Checkpoint directory. */
  directory: string;
  /** A family or dialect by name, or a YAML file of block rules; default: from config.json. */
  family?: string;
  /** Default: that of the family's evaluation, or of generation_config.json. */
  repetitionPenalty?: number;
  /** Maximum number of new tokens before a block, and after its start marker. */
  maxTokens?: number;
  /** Bounds of an image's area after resizing, in pixels; default: those that `pixels` names. */
  minPixels?: number;
  maxPixels?: number;
  /** The family's evaluation (default) or preprocessor_config.json. */
  pixels?: PixelsOf;
  /** Weight quantization; default: float32. */
  weights?: WeightFormat;
  /** Checkpoint of the network that training took its target latents from (docs/families.md). */
  oracleModel?: string;
  /** Checkpoint trained on the same data without latents; compared example by example. */
  textBaseline?: string;
  /** An engine that runs the model elsewhere; the paths of models are then the engine's. */
  engine?: EngineRequest;
  /** A comparison of the device with the CPU that has already been made in this process. */
  proof?: DeviceProof;
}

/** What is recorded about a model that is already loaded. */
export interface LoadedModelRequest {
  /** The name of the model in error messages. */
  name?: string;
  weights?: WeightFormat;
  device?: Device;
  textBaseline?: BaselineAnswers;
}

/** A model by its directory: in this process, or where an engine runs. */
export async function loadModel(
  directory: string,
  {
    engine,
    ...options
  }: Omit<ModelRequest, "directory" | "oracleModel" | "textBaseline"> &
    LoadControls & {
      everyHidden?: "last" | undefined;
    },
): Promise<LatentModel> {
  if (!engine) return loadLatentModel(directory, options);
  return loadRemoteModel(directory, engine, options);
}

export interface LoadControls {
  /** Told of lines of an engine's standard error. */
  onLine?: ((line: string) => void) | undefined;
  onProgress?: OnProgress | undefined;
  onWarning?: ((warning: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Compares the requested device with the CPU, once per process. */
export async function checkDevice(
  { device, proof }: ModelRequest,
  onProgress: OnProgress | undefined,
): Promise<void> {
  if (!device || device === "cpu") return;
  const { provenDevice } = await import("../../training/index.ts");
  await provenDevice(device, { ...(proof && { proof }), ...(onProgress && { onProgress }) });
}

/**
 * Loads the model of an audit; the caller releases it. Probes read hidden states of the prompt, which are kept only for
 * suites with probes.
 */
export async function loadAuditedModel(
  { directory, oracleModel, ...options }: ModelRequest,
  suites: readonly string[],
  controls: LoadControls,
): Promise<LatentModel> {
  const keepsPromptStates = suites.some((name) => suiteOf(name).analyses.includes("probes"));
  const load = { ...options, ...controls };
  const everyHidden = keepsPromptStates ? ("last" as const) : undefined;
  ensure(oracleModel === undefined || !options.engine, "usage", () => ({
    where: "--oracle-model",
    expected: "a model that runs in this process: the network of its targets is read beside it",
    got: "--engine torch",
    attempt: "an audit without oracles of that network",
  }));
  const model = await loadModel(directory, { ...load, everyHidden });
  if (oracleModel === undefined) return model;
  try {
    return await withTargetNetwork(model, oracleModel, { ...load, model: directory });
  } catch (error) {
    await model.network.release();
    throw error;
  }
}
