/** Every intervention by name: one record in the file of its theme, and one line here. */
import * as attention from "./attention.ts";
import * as input from "./input.ts";
import * as mix from "./mix.ts";
import * as replace from "./replace.ts";
import * as structure from "./structure.ts";
import type { Intervention } from "./types.ts";

/**
 * Every intervention by name. A new one is a record in the file of its theme, and a line here.
 *
 * @public
 */
export const interventions = {
  own: replace.own,
  oracle: replace.oracle,
  zeros: replace.zeros,
  noise: replace.noise,
  "noise-matched": replace.noiseMatched,
  mean: replace.mean,
  "mean-oracle": replace.meanOracle,
  shuffle: mix.shuffle,
  "other-own": replace.otherOwn,
  "other-oracle": replace.otherOracle,
  "random-crop": replace.randomCropFeatures,
  counterfactual: replace.counterfactual,
  skip: structure.skip,
  sham: replace.sham,
  "first-repeat": mix.firstRepeat,
  "marker-repeat": replace.markerRepeat,
  "no-markers": structure.noMarkers,
  "slots-only": structure.slotsOnly,
  filler: structure.filler,
  "matched-text": structure.matchedText,
  clamp: replace.clamp,
  "norm-matched": replace.normMatched,
  donor: replace.donor,
  exchange: replace.exchange,
  blend: mix.blend,
  jitter: mix.jitter,
  "noise-added": mix.noiseAdded,
  truncate: structure.truncate,
  "own-steps": structure.ownSteps,
  "oracle-budget": replace.oracleBudget,
  knockout: attention.knockout,
  adversarial: mix.adversarial,
  "random-direction": mix.randomDirection,
  "blank-image": input.blankImage,
  "other-image": input.otherImage,
  "noisy-image": input.noisyImage,
  "image-twice": input.imageTwice,
  "caption-only": input.captionOnly,
  "drop-image": attention.dropImage,
  reshuffled: input.reshuffled,
} as const satisfies Record<string, Intervention>;

export type InterventionName = keyof typeof interventions;

export const interventionNames = Object.keys(interventions) as InterventionName[];

/** The interventions of an audit by default: those that a verdict needs, and the usual controls. */
export const defaultInterventions = [
  "own",
  "oracle",
  "zeros",
  "noise",
  "noise-matched",
  "mean",
  "mean-oracle",
  "shuffle",
  "other-own",
  "other-oracle",
  "random-crop",
  "counterfactual",
  "skip",
] as const satisfies readonly InterventionName[];
