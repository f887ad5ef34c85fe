import type { Measured } from "../../statistics/index.ts";
import type { Dose } from "../record/outcomes.ts";
import type { OwnDistribution } from "./mahalanobis.ts";

/**
 * How far the vectors that were fed are from the example's own: an intervention far off the distribution of own latents
 * proves little.
 *
 * @param fed - Per block, [slots·D].
 * @param own - The example's own latents, per block [K·D]; a further block is compared with the last.
 *
 * Source: docs/science.md "Interventions".
 *
 * @example
 * const none = { value: null, reason: "1 own blocks; a distribution needs 2" };
 * doseOf([Float32Array.of(3, 4)], [Float32Array.of(3, 0)], 2, none).distance; // 4
 */
export function doseOf(
  fed: readonly Float32Array[],
  own: readonly Float32Array[],
  width: number,
  distribution: Measured<OwnDistribution>,
): Dose {
  const sums = { norm: 0, distance: 0, cosine: 0, mahalanobis: 0 };
  let count = 0;
  let beyond = false;
  for (const [b, block] of fed.entries()) {
    const reference = own[Math.min(b, own.length - 1)];
    for (let slot = 0; slot * width < block.length; slot++) {
      const z = block.subarray(slot * width, (slot + 1) * width);
      const o = reference?.subarray(slot * width, (slot + 1) * width);
      beyond ||= reference !== undefined && o!.length < width;
      let [zz, oo, zo, dd] = [0, 0, 0, 0];
      for (let j = 0; j < width; j++) {
        const x = z[j]!;
        const y = o?.[j] ?? Number.NaN;
        zz += x * x;
        oo += y * y;
        zo += x * y;
        dd += (x - y) ** 2;
      }
      count++;
      sums.norm += Math.sqrt(zz);
      sums.distance += Math.sqrt(dd);
      sums.cosine += zo / Math.sqrt(zz * oo);
      sums.mahalanobis += distribution.value?.distance(z, slot) ?? Number.NaN;
    }
  }
  if (count === 0) {
    return {
      norm: null,
      distance: null,
      cosine: null,
      mahalanobis: null,
      reason: "no latents in the slots",
    };
  }
  const mean = (sum: number): number | null => (Number.isFinite(sum) ? sum / count : null);
  const dose: Dose = {
    norm: mean(sums.norm),
    distance: mean(sums.distance),
    cosine: mean(sums.cosine),
    mahalanobis: mean(sums.mahalanobis),
  };
  const reason =
    dose.norm === null
      ? "latents that are not finite"
      : dose.distance === null
        ? own.length === 0
          ? "no own latents to compare with"
          : beyond
            ? "more slots than own latents have"
            : "own latents that are not finite"
        : dose.cosine === null
          ? "a vector of zeros has no direction"
          : dose.mahalanobis === null
            ? (distribution.reason ?? "the distance is not finite")
            : undefined;
  return { ...dose, ...(reason !== undefined && { reason }) };
}
