/** Every intervention. The keys are the type of their names; a new one is its file and one line here. */
import { unknownName } from "../../util/index.ts";
import { counterfactual } from "./counterfactual.ts";
import { mean } from "./mean.ts";
import { meanOracle } from "./mean-oracle.ts";
import { noise } from "./noise.ts";
import { noiseMatched } from "./noise-matched.ts";
import { oracle } from "./oracle.ts";
import { otherOracle } from "./other-oracle.ts";
import { otherOwn } from "./other-own.ts";
import { own } from "./own.ts";
import { randomCropped } from "./random-crop.ts";
import { shuffle } from "./shuffle.ts";
import { skip } from "./skip.ts";
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
} as const satisfies Record<string, Intervention>;

export type InterventionName = keyof typeof interventions;

export const interventionNames = Object.keys(interventions) as InterventionName[];

/**
 * The intervention of a name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * interventionOf("zeros").description; // "zero vectors"
 */
export function interventionOf(name: string): Intervention {
  if (Object.hasOwn(interventions, name)) return interventions[name as InterventionName];
  throw unknownName("intervention", name, interventionNames);
}
