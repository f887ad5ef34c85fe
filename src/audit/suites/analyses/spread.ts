import type { Matrix } from "../../../numeric/index.ts";
import type { Measured } from "../../../statistics/index.ts";
import {
  centeredPairwiseCosine,
  components,
  effectiveRank,
  pairwiseCosine,
  participationRatio,
  positions,
  whitenedPairwiseCosine,
} from "../../measurements/index.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { AnalysisResult, SuiteContext } from "../analysis.ts";

/**
 * Mean over slots of each block [K·D]: [blocks, D].
 *
 * @example
 * meansOf([Float32Array.of(1, 3)], 1).values; // Float64Array [2]
 */
export function meansOf(blocks: readonly Float32Array[], width: number): Matrix {
  const values = new Float64Array(blocks.length * width);
  for (const [row, z] of blocks.entries())
    for (const [i, value] of z.entries()) values[row * width + (i % width)]! += (value * width) / z.length;
  return { n: blocks.length, d: width, values };
}

function cloud(blocks: readonly Float32Array[], width: number): AnalysisResult {
  const x = meansOf(blocks, width);
  const reasons: Record<string, string> = {};
  const number = <T>(name: string, { value, reason }: Measured<T>): T | null => {
    if (reason !== undefined) reasons[name] = reason;
    return value;
  };
  return {
    n: x.n,
    ...(number("components", components(x)) ?? { rank90: null, rank95: null, rank99: null }),
    effectiveRank: number("effectiveRank", effectiveRank(x)),
    participationRatio: number("participationRatio", participationRatio(x)),
    cosine: number("cosine", pairwiseCosine(x)),
    centeredCosine: number("centeredCosine", centeredPairwiseCosine(x)),
    whitenedCosine: number("whitenedCosine", whitenedPairwiseCosine(x)),
    positions: number("positions", positions(blocks, width)),
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
}

/**
 * How many directions latents fill, how alike those of different examples are by the raw, the centered and the whitened
 * cosine, and how alike the slots of one example are; own latents and oracles. Latents that are not finite are left out
 * and counted.
 */
export const spread = ({ latents, planner: { split } }: SuiteContext) => {
  const { width } = latents;
  const finite = (z: Float32Array | undefined): Float32Array[] => (z?.every(Number.isFinite) ? [z] : []);
  const own = ownBlocks(latents).map(([first]) => first);
  const kept = own.flatMap(finite);
  return {
    own: cloud(kept, width),
    oracle: cloud(
      split.oracle.flatMap(([first]) => finite(first)),
      width,
    ),
    notFinite: own.filter((z) => z !== undefined).length - kept.length,
  };
};
