/** Intervals, tests, corrections, sample sizes, the states of a claim, and numbers as text. One file per topic. */

export {
  type BootstrapOptions,
  bcaInterval,
  bootstrap,
  bootstrapOfMeans,
  hierarchicalBootstrap,
  percentileInterval,
} from "./bootstrap.ts";
export { boundedMeanTest, type Counted } from "./bounded-mean.ts";
export {
  allOf,
  anyOf,
  atLeast,
  atMost,
  equivalent,
  holdsOf,
  opposite,
  type Shown,
  type State,
  stateOf,
  states,
  superior,
} from "./claims.ts";
export {
  type ClusteredMean,
  clusteredMean,
  type EffectiveSize,
  effectiveSize,
} from "./clustered.ts";
export {
  type ClusteredComparison,
  clusteredComparison,
  clustersOf,
  fewAnswers,
  fewPairs,
  shareInterval,
} from "./clustered-inference.ts";
export { logBinomialDensity, logRegularizedBeta } from "./distributions/beta.ts";
export {
  betaBinomialInterval,
  betaBinomialLogLikelihood,
  type RunCounts,
} from "./distributions/beta-binomial.ts";
export { binomialTest, logBinomialCdf, type PValue, pValue } from "./distributions/binomial.ts";
export { type GoodnessOfFit, goodnessOfFit } from "./distributions/chi-square.ts";
export { deviance, logGamma, logGammaUpper, stirlingError } from "./distributions/gamma.ts";
export { logNormalCdf, normalCdf, normalQuantile } from "./distributions/normal.ts";
export { logStudentCdf, studentQuantile } from "./distributions/student.ts";
export { type Equivalence, equivalence } from "./equivalence.ts";
export { exactEquivalencePower, exactMcnemarPower } from "./exact-power.ts";
export {
  type ClusterWorth,
  clusterDegreesOfFreedom,
  clusterWorth,
  FEWEST_CLUSTERS,
} from "./few-clusters.ts";
export {
  count,
  figureText,
  gapWithin,
  pEquals,
  points,
  pointsWithin,
  share,
  shareWithin,
  typeset,
  type Unit,
} from "./format-numbers.ts";
export { holm } from "./holm.ts";
export { type Interaction, interaction, interactionPower } from "./interaction.ts";
export { jackknife } from "./jackknife.ts";
export { mcnemar } from "./mcnemar.ts";
export { finite, known, type Measured, unknown } from "./measured.ts";
export {
  mostLikelySecond,
  type PairedCounts,
  type PairedDifference,
  pairedDifference,
  pairs,
  scoreInterval,
  scoreStatistic,
  tangoStatistic,
} from "./paired.ts";
export { pairedInterval, scoreTail } from "./paired-interval.ts";
export {
  type Discordance,
  equivalencePower,
  examplesNeeded,
  mcnemarPower,
  observedDiscordance,
  pairsForEquivalence,
  pairsForMcnemar,
} from "./power.ts";
export { proportionInterval } from "./proportion.ts";
export {
  fieller,
  type SeedMean,
  type SeedTotals,
  seedAccuracy,
  seedDifference,
  seedMean,
  seedRatio,
} from "./seeds.ts";
export { evenLooks, lookLevels } from "./sequential.ts";
export { criticalScore, logUnconditionalP, logUnconditionalTail } from "./unconditional.ts";
export { hull, type Interval, wilson } from "./wilson.ts";
