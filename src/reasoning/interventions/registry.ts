/** Every intervention by name: one record in the file of its theme, and one line here. */
import * as attention from "./attention.ts";
import * as augment from "./augment.ts";
import * as gradient from "./gradient.ts";
import * as input from "./input.ts";
import * as mix from "./mix.ts";
import { propagated } from "./propagated.ts";
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
  "same-question": mix.sameQuestion,
  "matched-question": mix.matchedQuestion,
  "question-mean": mix.questionMean,
  "question-residual": mix.questionResidual,
  blend: mix.blend,
  jitter: mix.jitter,
  "noise-added": mix.noiseAdded,
  truncate: structure.truncate,
  "own-steps": structure.ownSteps,
  "oracle-budget": replace.oracleBudget,
  propagated,
  knockout: attention.knockout,
  adversarial: gradient.adversarial,
  "random-direction": gradient.randomDirection,
  optimized: gradient.optimized,
  "optimized-noise": gradient.optimizedNoise,
  "blank-image": input.blankImage,
  "other-image": input.otherImage,
  "noisy-image": input.noisyImage,
  "blurred-image": augment.blurredImage,
  "cropped-image": augment.croppedImage,
  "rotated-image": augment.rotatedImage,
  "brightened-image": augment.brightenedImage,
  "image-twice": input.imageTwice,
  "caption-only": input.captionOnly,
  "drop-image": attention.dropImage,
  reshuffled: input.reshuffled,
  "helper-in-prompt": input.helperInPrompt,
  "helper-in-words": input.helperInWords,
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
