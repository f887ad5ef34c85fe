import { ensure } from "../util/index.ts";
import { type PValue, pValue } from "./distributions/binomial.ts";
import { logNormalCdf } from "./distributions/normal.ts";
import { known, type Measured, unknown } from "./measured.ts";
import { type PairedCounts, pairedDifference, pairs, scoreStatistic } from "./paired.ts";
import { logUnconditionalP } from "./unconditional.ts";
import type { Interval } from "./wilson.ts";

export interface Equivalence extends PValue {
  /** p < alpha: the difference is shown to lie inside ±margin. */
  equivalent: boolean;
  /** Tango's (1 − 2·alpha) interval, for the picture; the claim rests on the exact p. */
  interval: Interval;
}

/** With more pairs (where the exact p-value takes seconds) the normal one of the same statistic is as accurate. */
const EXACT_UP_TO = 100_000;

/**
 * Two one-sided tests that the paired difference lies inside (−margin, margin), exact and unconditional with Tango's
 * score statistic as the ordering: at the margin it claims equivalence at most alpha of the time, whatever n and the
 * rates are. p is the larger of the two one-sided p-values: to claim equivalence both must reject, so no correction is
 * due. That is the side that the observed difference leans to, since the statistic rises in b and falls in c.
 *
 * @public
 * @param margin - In accuracy, 0.02 for two points.
 * @returns null with a reason for fewer than 2 pairs.
 * @throws LintelError "usage" when not 0 < margin < 1.
 *
 * Source: Schuirmann 1987; Tango 1998; exact: Suissa & Shuster 1991, Sidik 2003; docs/published-families.md §15.1 (3).
 *
 * @example
 * equivalence({ n11: 900, n10: 10, n01: 10, n00: 80 }, 0.02).value?.equivalent; // true
 */
export function equivalence(counts: PairedCounts, margin = 0.02, alpha = 0.05): Measured<Equivalence> {
  ensure(margin > 0 && margin < 1, "usage", () => ({
    where: "equivalence test",
    expected: "a margin between 0 and 1, in accuracy (0.02 is two points)",
    got: String(margin),
  }));
  if (pairs(counts) < 2) return unknown(`${pairs(counts)} pairs; an equivalence test needs at least 2`);
  const n = pairs(counts);
  const [less, more] = [Math.min(counts.n10, counts.n01), Math.max(counts.n10, counts.n01)];
  const statistic = scoreStatistic(less, more, n, -margin);
  // Where the observed difference is not inside the margin nothing can be claimed: p is at least ½, and not worth a search.
  const exact = statistic > 0 && n <= EXACT_UP_TO;
  const p = pValue(exact ? logUnconditionalP(less, more, n, margin) : logNormalCdf(-statistic));
  const { interval } = pairedDifference(counts, 2 * alpha).value!;
  return known({ ...p, equivalent: p.p < alpha, interval });
}
