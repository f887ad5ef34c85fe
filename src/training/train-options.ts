/** Options of a training, and what it reports. */
import type { Device } from "../graph/index.ts";
import { ensure, type OnProgress } from "../util/index.ts";
import type { DeviceProof } from "./device-proof.ts";
import type { PocketShape } from "./pocket-model.ts";
import type { Recipe } from "./recipes/index.ts";

export interface TrainSettings {
  steps: number;
  batch: number;
  learningRate: number;
  warmup: number;
  /** Learning rate at the end, as a share of the highest. */
  floor: number;
  weightDecay: number;
  clip: number;
  /** Accuracy is evaluated every `followEvery` steps on `followExamples` examples of the split eval. */
  followEvery: number;
  followExamples: number;
  /** The state is saved every `saveEvery` steps. */
  saveEvery: number;
  /** Overrides the recipe's γ. */
  latentWeight?: number;
  /** Of a base's decoder only so many uppermost layers, the last norm, an untied output matrix and the head are trained. */
  upperLayers?: number;
}

export const trainDefaults: TrainSettings = {
  steps: 150,
  batch: 128,
  learningRate: 1e-3,
  warmup: 30,
  floor: 0.05,
  weightDecay: 0.01,
  clip: 1,
  followEvery: 25,
  followExamples: 200,
  saveEvery: 50,
};

/** Above these, a setting is a mistake: no training of a pocket model comes near. */
const trainLimits: Readonly<Partial<Record<keyof TrainSettings | keyof PocketShape | "threads", number>>> = {
  steps: 10_000_000,
  batch: 65_536,
  learningRate: 10,
  warmup: 10_000_000,
  weightDecay: 10,
  clip: 1e6,
  followEvery: 10_000_000,
  followExamples: 1_000_000,
  saveEvery: 10_000_000,
  latentWeight: 1e6,
  upperLayers: 256,
  hiddenSize: 8192,
  layers: 256,
  heads: 256,
  intermediateSize: 65_536,
  visionSize: 8192,
  threads: 1024,
};

/**
 * Refuses settings that cannot be meant, before anything is read.
 *
 * @param place - Stands before the name of the setting in errors.
 *
 * Errors: "usage" naming the setting.
 *
 * @example
 * checkLimits({ batch: 128 }); // undefined
 */
export function checkLimits(given: Readonly<Record<string, unknown>>, place = ""): void {
  for (const [name, most] of Object.entries(trainLimits)) {
    const value = given[name];
    ensure(value === undefined || (typeof value === "number" && value <= most), "usage", () => ({
      where: `${place}${name}`,
      value: true,
      expected: `at most ${most}: more is taken for a mistake`,
      got: String(value),
    }));
  }
}

export interface TrainOptions extends Partial<TrainSettings> {
  /** The name of a recipe, or a recipe. */
  recipe: string | Recipe;
  /** The name of a recipe passed as an object, for the checkpoint. */
  recipeName?: string;
  /** Dataset directory; trained on its split "train", evaluated on its split "eval". */
  data: string;
  /** Directory of the checkpoint. */
  out: string;
  /** Checkpoint directory to start from; default: a fresh pocket model. */
  base?: string;
  /** Sizes of a fresh pocket model that differ from the defaults. */
  shape?: Partial<PocketShape>;
  seed?: number;
  threads?: number;
  /** Default: the CPU. */
  device?: Device;
  /** A comparison of the device with the CPU from this process, so that it is not repeated. */
  proof?: DeviceProof;
  /** Remove the lock on `out` of a process that may or may not be running. */
  breakLock?: boolean;
  label?: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

export interface TrainResult {
  parameters: number;
  steps: number;
  examples: number;
  seconds: number;
  examplesPerSecond: number;
}

/** Result of a training. */
export interface Trained extends TrainResult {
  /** The training had been finished before: nothing was done. */
  reused?: true;
}
