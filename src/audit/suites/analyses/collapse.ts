import type { SuiteContext } from "../analysis.ts";

/** The paper's measures of collapse, from the geometry of the mean over slots. */
export const collapse = ({ summary: { geometry } }: SuiteContext) => {
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
