/** What interventions need to know of a split as a whole. */
import { type Random, random } from "../util/index.ts";
import type { SplitStatistics } from "./interventions/index.ts";

/** Mean per entry of the arrays that are there; null without any. */
function meanOf(latents: readonly (Float32Array | null)[]): Float32Array | null {
  const present = latents.filter((z) => z !== null);
  if (present.length === 0) return null;
  const sum = new Float64Array(present[0]!.length);
  for (const z of present) for (const [i, v] of z.entries()) sum[i]! += v;
  return Float32Array.from(sum, (s) => s / present.length);
}

/** Population standard deviation per entry. */
function deviationOf(
  latents: readonly (Float32Array | null)[],
  mean: Float32Array | null,
): Float32Array | null {
  const present = latents.filter((z) => z !== null);
  if (!mean) return null;
  const sum = new Float64Array(mean.length);
  for (const z of present) for (const [i, v] of z.entries()) sum[i]! += (v - mean[i]!) ** 2;
  return Float32Array.from(sum, (s) => Math.sqrt(s / present.length));
}

/** A random permutation without fixed points of the places where `present`: one random cycle. */
function derangement(present: readonly boolean[], r: Random): (number | null)[] {
  const places = r.shuffled(present.flatMap((p, i) => (p ? [i] : [])));
  const out: (number | null)[] = present.map(() => null);
  if (places.length > 1) for (const [j, i] of places.entries()) out[i] = places[(j + 1) % places.length]!;
  return out;
}

/**
 * Statistics of a split's latents [K·D] by example; null where an example has none.
 *
 * @example
 * splitStatistics([Float32Array.of(1), Float32Array.of(3)], [null, null], 0).ownMean; // Float32Array [2]
 */
export function splitStatistics(
  own: readonly (Float32Array | null)[],
  oracle: readonly (Float32Array | null)[],
  seed: number,
): SplitStatistics {
  const ownMean = meanOf(own);
  return {
    own,
    oracle,
    otherOwn: derangement(
      own.map((z) => z !== null),
      random(seed, "other-own"),
    ),
    otherOracle: derangement(
      oracle.map((z) => z !== null),
      random(seed, "other-oracle"),
    ),
    ownMean,
    ownDeviation: deviationOf(own, ownMean),
    oracleMean: meanOf(oracle),
  };
}
