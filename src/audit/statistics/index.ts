/** What may be claimed: intervals, tests, corrections, sample sizes. One file per topic. */
export {
  betaBinomialInterval,
  betaBinomialLogLikelihood,
  type RunCounts,
} from "./beta-binomial.ts";
export { binomialTest, logBinomialCdf, type PValue, pValue } from "./binomial.ts";
export {
  type BootstrapOptions,
  bcaInterval,
  bootstrap,
  hierarchicalBootstrap,
  percentileInterval,
} from "./bootstrap.ts";
export { boundedMeanTest, type Counted } from "./bounded-mean.ts";
export { type GoodnessOfFit, goodnessOfFit } from "./chi-square.ts";
export {
  type ClusteredMean,
  clusteredMean,
  type EffectiveSize,
  effectiveSize,
} from "./clustered.ts";
export { type Equivalence, equivalence } from "./equivalence.ts";
export { exactEquivalencePower, exactMcnemarPower } from "./exact-power.ts";
export {
  type ClusterWorth,
  clusterDegreesOfFreedom,
  clusterWorth,
  FEWEST_CLUSTERS,
} from "./few-clusters.ts";
export { holm } from "./holm.ts";
export { mcnemar } from "./mcnemar.ts";
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
export { criticalScore, logUnconditionalP, logUnconditionalTail } from "./unconditional.ts";
export { type Interval, wilson } from "./wilson.ts";
