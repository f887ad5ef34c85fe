import { ensure } from "../util/index.ts";
import { logBinomialCdf, type PValue, pValue } from "./distributions/binomial.ts";

/**
 * Exact two-sided McNemar test: given the discordant pairs, each direction is as likely as the other under the null, so
 * p = min(1, 2 · P(X ≤ min(b, c))), X ~ Binomial(b + c, ½). It never rejects more often than it claims; the mid-p
 * variant, which may, is not used. No discordant pair: p = 1.
 *
 * @public
 * @param b - Pairs right under the first condition only.
 * @param c - Pairs right under the second condition only.
 * @returns `p` (never 0) and its logarithm.
 * @throws LintelError "usage" for counts that are not whole and ≥ 0.
 *
 * Source: McNemar 1947; exact form, docs/science.md "Statistics".
 *
 * @example
 * mcnemar(6, 16).p; // 0.0524…
 */
export function mcnemar(b: number, c: number): PValue {
  ensure(Number.isInteger(b) && Number.isInteger(c) && b >= 0 && c >= 0, "usage", () => ({
    where: "McNemar test",
    expected: "counts of pairs, whole and ≥ 0",
    got: `${b} and ${c}`,
  }));
  if (b === c) return pValue(0);
  return pValue(Math.LN2 + logBinomialCdf(Math.min(b, c), b + c, 0.5));
}
