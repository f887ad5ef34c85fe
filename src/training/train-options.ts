/** Options of a training, and what it reports. */
import type { Device } from "../graph/index.ts";
import type { OnProgress } from "../util/index.ts";
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
