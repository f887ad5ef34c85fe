/** Every intervention. The keys are the type of their names; a new one is its file and one line here. */
import { adversarial } from "./adversarial.ts";
import { blankImage } from "./blank-image.ts";
import { blend } from "./blend.ts";
import { captionOnly } from "./caption-only.ts";
import { clamp } from "./clamp.ts";
import { counterfactual } from "./counterfactual.ts";
import { donor } from "./donor.ts";
import { dropImage } from "./drop-image.ts";
import { exchange } from "./exchange.ts";
import { filler } from "./filler.ts";
import { firstRepeat } from "./first-repeat.ts";
import { imageTwice } from "./image-twice.ts";
import { jitter } from "./jitter.ts";
import { knockout } from "./knockout.ts";
import { markerRepeat } from "./marker-repeat.ts";
import { matchedText } from "./matched-text.ts";
import { mean } from "./mean.ts";
import { meanOracle } from "./mean-oracle.ts";
import { noMarkers } from "./no-markers.ts";
import { noise } from "./noise.ts";
import { noiseAdded } from "./noise-added.ts";
import { noiseMatched } from "./noise-matched.ts";
import { noisyImage } from "./noisy-image.ts";
import { normMatched } from "./norm-matched.ts";
import { oracle } from "./oracle.ts";
import { oracleBudget } from "./oracle-budget.ts";
import { otherImage } from "./other-image.ts";
import { otherOracle } from "./other-oracle.ts";
import { otherOwn } from "./other-own.ts";
import { own } from "./own.ts";
import { ownSteps } from "./own-steps.ts";
import { randomCropped } from "./random-crop.ts";
import { randomDirection } from "./random-direction.ts";
import { reshuffled } from "./reshuffled.ts";
import { sham } from "./sham.ts";
import { shuffle } from "./shuffle.ts";
import { skip } from "./skip.ts";
import { slotsOnly } from "./slots-only.ts";
import { truncate } from "./truncate.ts";
import type { Intervention } from "./types.ts";
import { zeros } from "./zeros.ts";

export const interventions = {
  own,
  oracle,
  zeros,
  noise,
  "noise-matched": noiseMatched,
  mean,
  "mean-oracle": meanOracle,
  shuffle,
  "other-own": otherOwn,
  "other-oracle": otherOracle,
  "random-crop": randomCropped,
  counterfactual,
  skip,
  sham,
  "first-repeat": firstRepeat,
  "marker-repeat": markerRepeat,
  "no-markers": noMarkers,
  "slots-only": slotsOnly,
  filler,
  "matched-text": matchedText,
  clamp,
  "norm-matched": normMatched,
  donor,
  exchange,
  blend,
  jitter,
  "noise-added": noiseAdded,
  truncate,
  "own-steps": ownSteps,
  "oracle-budget": oracleBudget,
  knockout,
  adversarial,
  "random-direction": randomDirection,
  "blank-image": blankImage,
  "other-image": otherImage,
  "noisy-image": noisyImage,
  "image-twice": imageTwice,
  "caption-only": captionOnly,
  "drop-image": dropImage,
  reshuffled,
} as const satisfies Record<string, Intervention>;

export type InterventionName = keyof typeof interventions;

export const interventionNames = Object.keys(interventions) as InterventionName[];

/** What an audit runs when nothing is asked for: what a verdict rests on, and the controls that the papers ran. */
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
