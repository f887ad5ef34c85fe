/** Mean doses over examples that come one by one. */
import type { Dose } from "./outcomes.ts";
import type { DoseResult } from "./schema.ts";

const keys = ["norm", "distance", "cosine", "mahalanobis"] as const;

/**
 * Sums of doses; null of none, as in journals of a version that recorded none.
 *
 * @example
 * const sums = doseSums();
 * sums.add({ norm: 2, distance: null, cosine: null, mahalanobis: null });
 * sums.result().norm; // 2
 */
export function doseSums(): { add(dose: Dose | undefined): void; result(): DoseResult | null } {
  const sums = keys.map(() => 0);
  const counts = keys.map(() => 0);
  const why: (string | undefined)[] = keys.map(() => undefined);
  let [known, n] = [0, 0];
  return {
    add(dose) {
      if (dose === undefined) return;
      known++;
      if (dose.reason === undefined) n++;
      for (const [i, key] of keys.entries()) {
        if (dose[key] === null) why[i] ??= dose.reason ?? "not finite";
        else {
          sums[i]! += dose[key];
          counts[i]!++;
        }
      }
    },
    result() {
      if (known === 0) return null;
      const reasons: Record<string, string> = {};
      for (const [i, key] of keys.entries())
        if (counts[i]! < known) reasons[key] = `${why[i]} (${known - counts[i]!} of ${known} examples)`;
      const [norm, distance, cosine, mahalanobis] = keys.map((_, i) =>
        counts[i]! > 0 ? sums[i]! / counts[i]! : null,
      ) as [number | null, number | null, number | null, number | null];
      return {
        norm,
        distance,
        cosine,
        mahalanobis,
        n,
        ...(Object.keys(reasons).length > 0 && { reasons }),
      };
    },
  };
}
