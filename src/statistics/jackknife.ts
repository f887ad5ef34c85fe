/** Intervals of statistics of pairs of examples, for which drawing with replacement does not work. */
import { sum } from "../numeric/index.ts";
import { studentQuantile } from "./distributions/student.ts";
import { FEWEST_CLUSTERS } from "./few-clusters.ts";
import { known, type Measured, unknown } from "./measured.ts";
import type { Interval } from "./wilson.ts";

/**
 * Delete-one jackknife interval with Student's t: each cluster of examples is left out in turn. For statistics of pairs of
 * examples (the adjusted Rand index): a bootstrap sample pairs an example with itself, and such pairs always agree.
 *
 * @param clusters - The cluster of each example; null where every example is one of its own. Unequal sizes are weighted.
 * @param statistic - Called with all examples, and with those of all clusters but one.
 * @returns null with a reason where fewer than 3 equal clusters would weigh as much, for a statistic that is not finite, and
 * for one that is the same whichever cluster is left out.
 *
 * Source: Tukey 1958; for unequal clusters Busing, Meijer & van der Leeden 1999 (delete-m_j jackknife).
 *
 * @example
 * jackknife([1, 2, 3, 4], null, (sample) => sample.reduce((a, b) => a + b) / sample.length).value; // [0.445…, 4.554…]
 */
export function jackknife<T>(
  examples: readonly T[],
  clusters: readonly string[] | null,
  statistic: (sample: readonly T[]) => number,
  alpha = 0.05,
): Measured<Interval> {
  const n = examples.length;
  const members = new Map<string, number>();
  const of = examples.map((_, i) => clusters?.[i] ?? `row ${i}`);
  for (const id of of) members.set(id, (members.get(id) ?? 0) + 1);
  const groups = members.size;
  const effective = n ** 2 / sum([...members.values()].map((size) => size ** 2));
  if (!(effective > FEWEST_CLUSTERS - 1e-9))
    return unknown(
      `${groups} clusters, worth ${effective.toFixed(1)} equal ones; an interval needs at least ${FEWEST_CLUSTERS}`,
    );
  const whole = statistic(examples);
  const left = [...members].map(([id, size]) => ({
    share: n / size,
    without: statistic(examples.filter((_, i) => of[i] !== id)),
  }));
  if (!Number.isFinite(whole) || !left.every(({ without }) => Number.isFinite(without)))
    return unknown("the statistic is not finite");
  const middle = groups * whole - sum(left.map(({ share, without }) => (1 - 1 / share) * without));
  const variance =
    sum(
      left.map(({ share, without }) => (share * whole - (share - 1) * without - middle) ** 2 / (share - 1)),
    ) / groups;
  if (!(variance > 1e-24))
    return unknown("the statistic is the same whichever example is left out; a width of zero would mislead");
  const half =
    -studentQuantile(alpha / 2, Math.max(1, Math.min(groups, effective) - 1)) * Math.sqrt(variance);
  return known([whole - half, whole + half]);
}
