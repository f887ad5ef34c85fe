/**
 * Measurements on latents and answers. A new measurement is a file and one line here; the keys are the type of its names, and those of a "cloud" or "pair" are the names of the fields in `results.json`.
 */
import type { Matrix } from "../../numeric/index.ts";
import type { Measured } from "../../statistics/index.ts";
import { linearCka } from "./cka.ts";
import { adjustedRandIndex, clusterAgreement } from "./clusters.ts";
import { components, whitenedPairwiseCosine } from "./components.ts";
import { counterfactualFollowing } from "./counterfactual-following.ts";
import { doseOf } from "./dose.ts";
import { effectiveRank, participationRatio } from "./effective-rank.ts";
import { ownDistribution } from "./mahalanobis.ts";
import { optionDivergence } from "./option-divergence.ts";
import { pairedCosine, pairedMse } from "./own-oracle-distance.ts";
import { centeredPairwiseCosine, pairwiseCosine } from "./pairwise-cosine.ts";
import { positions } from "./positions.ts";
import { prismProbe } from "./prism-probe.ts";
import { linearProbe, mlpProbe } from "./probe.ts";
import { crossCosines, slotCosines } from "./reference-cosines.ts";
import { regionEnrichment } from "./region-enrichment.ts";
import { crossFitResiduals } from "./residuals.ts";
import { retrieval, retrievalRanks } from "./retrieval.ts";
import { usp } from "./usp.ts";
import { varianceExplained } from "./variance-explained.ts";
import { withinGroups } from "./within-groups.ts";

type Measurement =
  /** One number of one set of latents [n, D]. */
  | { of: "cloud"; compute: (x: Matrix) => Measured<number> }
  /** One number of own latents and their oracles. */
  | { of: "pair"; compute: (own: Matrix, oracle: Matrix) => Measured<number> }
  /** Several numbers of them that belong together. */
  | { of: "search"; compute: typeof retrieval }
  | { of: "ranks"; compute: typeof retrievalRanks }
  /** Cosines that others are read beside. */
  | { of: "others"; compute: typeof crossCosines }
  | { of: "order"; compute: typeof slotCosines }
  | { of: "options"; compute: typeof optionDivergence }
  | { of: "answers"; compute: typeof counterfactualFollowing }
  /** How many directions hold the variance; how alike slots are. */
  | { of: "components"; compute: typeof components }
  | { of: "blocks"; compute: typeof positions }
  | { of: "whitened"; compute: typeof whitenedPairwiseCosine }
  /** Where own latents lie, and how far from them what was fed is. */
  | { of: "distribution"; compute: typeof ownDistribution }
  | { of: "fed"; compute: typeof doseOf }
  /** What a classifier reads out of vectors. */
  | { of: "labelled"; compute: typeof linearProbe }
  | { of: "published"; compute: typeof prismProbe }
  /** Whether vectors fall into clusters that are the labels. */
  | { of: "clustered"; compute: typeof clusterAgreement }
  /** How alike vectors of a group are; what of vectors others do not predict; where among image tokens scores are. */
  | { of: "groups"; compute: typeof withinGroups }
  | { of: "predicted"; compute: typeof crossFitResiduals }
  | { of: "regions"; compute: typeof regionEnrichment };

export const measurements = {
  pairwiseCosine: { of: "cloud", compute: pairwiseCosine },
  centeredPairwiseCosine: { of: "cloud", compute: centeredPairwiseCosine },
  effectiveRank: { of: "cloud", compute: effectiveRank },
  participationRatio: { of: "cloud", compute: participationRatio },
  cosine: { of: "pair", compute: pairedCosine },
  mse: { of: "pair", compute: pairedMse },
  usp: { of: "pair", compute: usp },
  cka: { of: "pair", compute: linearCka },
  r2: { of: "pair", compute: varianceExplained },
  retrieval: { of: "search", compute: retrieval },
  retrievalRanks: { of: "ranks", compute: retrievalRanks },
  crossCosines: { of: "others", compute: crossCosines },
  slotCosines: { of: "order", compute: slotCosines },
  optionDivergence: { of: "options", compute: optionDivergence },
  counterfactualFollowing: { of: "answers", compute: counterfactualFollowing },
  mahalanobis: { of: "distribution", compute: ownDistribution },
  dose: { of: "fed", compute: doseOf },
  probe: { of: "labelled", compute: linearProbe },
  mlpProbe: { of: "labelled", compute: mlpProbe },
  prismProbe: { of: "published", compute: prismProbe },
  clusters: { of: "clustered", compute: clusterAgreement },
  components: { of: "components", compute: components },
  whitenedPairwiseCosine: { of: "whitened", compute: whitenedPairwiseCosine },
  positions: { of: "blocks", compute: positions },
  withinGroups: { of: "groups", compute: withinGroups },
  residuals: { of: "predicted", compute: crossFitResiduals },
  regionEnrichment: { of: "regions", compute: regionEnrichment },
} as const satisfies Record<string, Measurement>;

type MeasurementName = keyof typeof measurements;

/** Names of the measurements of one kind. */
type MeasurementsOf<Kind extends Measurement["of"]> = {
  [Name in MeasurementName]: (typeof measurements)[Name]["of"] extends Kind ? Name : never;
}[MeasurementName];

/** Numbers by name, null where they could not be computed, and why. */
interface Measurements<Name extends string> {
  values: Record<Name, number | null>;
  reasons: Record<string, string>;
}

function collect<Name extends string>(results: [string, Measured<number>][]): Measurements<Name> {
  const failed = results.flatMap(([name, { reason }]) => (reason === undefined ? [] : [[name, reason]]));
  return {
    values: Object.fromEntries(results.map(([name, { value }]) => [name, value])) as Record<
      Name,
      number | null
    >,
    reasons: Object.fromEntries(failed),
  };
}

/**
 * Every measurement of one set of latents.
 *
 * @param x - [n, D].
 *
 * @example
 * const { values, reasons } = measureCloud(matrix([1, 1], 2, 1));
 * values.pairwiseCosine; // 1
 * reasons.effectiveRank; // "all 2 vectors are equal"
 */
export function measureCloud(x: Matrix): Measurements<MeasurementsOf<"cloud">> {
  return collect(
    Object.entries(measurements).flatMap(([name, m]) => (m.of === "cloud" ? [[name, m.compute(x)]] : [])),
  );
}

/**
 * Every measurement of own latents against their oracles.
 *
 * @param own - [n, D]. @param oracle - [n, D], row i the oracle of row i.
 *
 * @example
 * measurePair(matrix([1, 2], 2, 1), matrix([1, 2], 2, 1)).values.r2; // 1
 */
export function measurePair(own: Matrix, oracle: Matrix): Measurements<MeasurementsOf<"pair">> {
  return collect(
    Object.entries(measurements).flatMap(([name, m]) =>
      m.of === "pair" ? [[name, m.compute(own, oracle)]] : [],
    ),
  );
}

export { type CellGrid, type Cells, cellsOf, overlap } from "./cells.ts";
export { type LookAlike, lookAlike } from "./look-alike.ts";
export type { OwnDistribution } from "./mahalanobis.ts";
export { sampleRows } from "./matrix.ts";
export { type CosineRow, cosineRow } from "./reference-cosines.ts";
export type { Enrichment } from "./region-enrichment.ts";
export type { Retrieval, RetrievalOptions } from "./retrieval.ts";
export {
  adjustedRandIndex,
  centeredPairwiseCosine,
  clusterAgreement,
  components,
  counterfactualFollowing,
  crossFitResiduals,
  doseOf,
  effectiveRank,
  linearProbe,
  mlpProbe,
  optionDivergence,
  ownDistribution,
  pairwiseCosine,
  participationRatio,
  positions,
  prismProbe,
  regionEnrichment,
  retrieval,
  retrievalRanks,
  usp,
  whitenedPairwiseCosine,
  withinGroups,
};
