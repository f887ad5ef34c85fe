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
  /** Accuracy is followed every so many steps on so many examples of the split eval. */
  followEvery: number;
  followExamples: number;
  /** The state is saved every so many steps. */
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
  /** The name of a recipe, or one of one's own. */
  recipe: string | Recipe;
  /** What a recipe of one's own is called in the checkpoint. */
  recipeName?: string;
  /** Dataset directory; its split "train" is learned, its split "eval" followed. */
  data: string;
  /** Where the checkpoint goes. */
  out: string;
  /** Checkpoint directory to start from; a fresh pocket model without. */
  base?: string;
  /** What a fresh model has more or less of than the usual pocket model. */
  shape?: Partial<PocketShape>;
  seed?: number;
  threads?: number;
  /** Default: the CPU. */
  device?: Device;
  /** That the device was compared with the CPU in this process: it is not done again. */
  proof?: DeviceProof;
  /** Remove the lock of a process on `out` of which it cannot be known whether it still runs. */
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

/** What a training came to, and whether it was finished already. */
export interface Trained extends TrainResult {
  /** The same training had been finished there: nothing was done. */
  reused?: true;
}
