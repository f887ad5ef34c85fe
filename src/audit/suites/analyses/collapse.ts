import type { Analysis } from "../types.ts";

/** What the paper reports of collapse, out of the audit's geometry: of the mean over slots. */
export const collapse: Analysis = ({ summary: { geometry } }) => {
  const { own, oracle, ownOracle } = geometry;
  const reasons = { ...own.reasons, ...ownOracle.reasons };
  return {
    pairwiseCosine: own.pairwiseCosine,
    oraclePairwiseCosine: oracle.pairwiseCosine,
    ownOracleCosine: ownOracle.cosine,
    retrievalTop1: ownOracle.r1,
    gallery: ownOracle.gallery,
    usp: ownOracle.usp,
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
};
