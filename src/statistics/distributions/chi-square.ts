import { sum } from "../../numeric/index.ts";
import { ensure } from "../../util/index.ts";
import { known, type Measured, unknown } from "../measured.ts";
import { type PValue, pValue } from "./binomial.ts";
import { logGammaUpper } from "./gamma.ts";

export interface GoodnessOfFit extends PValue {
  statistic: number;
  degreesOfFreedom: number;
}

/**
 * Pearson's χ² test of counts against expected shares; answers "are the options balanced?".
 *
 * @param counts - Whole counts per category.
 * @param shares - Expected share of each category, summing to 1; equal shares if left out.
 * @returns null with a reason for fewer than 2 categories or observations.
 * @throws LintelError "usage" when the shares do not fit the counts.
 *
 * Source: Pearson 1900; SciPy `stats.chisquare`.
 *
 * @example
 * goodnessOfFit([10, 12, 9, 9]).value?.p; // 0.896…
 */
export function goodnessOfFit(
  counts: readonly number[],
  shares: readonly number[] = counts.map(() => 1 / counts.length),
): Measured<GoodnessOfFit> {
  const total = sum(counts);
  if (counts.length < 2) return unknown(`${counts.length} category; a test of balance needs at least 2`);
  if (total < 2) return unknown(`${total} observations; a test of balance needs at least 2`);
  const whole = sum(shares);
  ensure(
    shares.length === counts.length && shares.every((share) => share > 0) && Math.abs(whole - 1) < 1e-9,
    "usage",
    () => ({
      where: "test of balance",
      expected: `${counts.length} positive shares that sum to 1`,
      got: JSON.stringify(shares),
    }),
  );
  const statistic = counts.reduce((sum, count, i) => {
    const expected = total * shares[i]!;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const degreesOfFreedom = counts.length - 1;
  return known({
    statistic,
    degreesOfFreedom,
    ...pValue(logGammaUpper(degreesOfFreedom / 2, statistic / 2)),
  });
}
