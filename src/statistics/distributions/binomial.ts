import { ensure } from "../../util/index.ts";
import { logBinomialDensity } from "./beta.ts";

/** A p-value. `p` is never 0: below 5e-324, the least double, it stays there and `logP` tells the truth. */
export interface PValue {
  p: number;
  /** Natural logarithm of the p-value. */
  logP: number;
}

/**
 * A p-value from its logarithm; at most 1, and never 0.
 *
 * @example
 * pValue(-1000); // { p: 5e-324, logP: -1000 }
 */
export function pValue(logP: number): PValue {
  const capped = Math.min(0, logP);
  return { p: Math.max(Math.exp(capped), Number.MIN_VALUE), logP: capped };
}

/** Σ of the binomial terms from k outwards (away from the mean), as a logarithm. */
function logOutward(k: number, n: number, p: number, step: 1 | -1): number {
  let sum = 1;
  let term = 1;
  for (let i = k; i + step >= 0 && i + step <= n; i += step) {
    term *= step < 0 ? (i * (1 - p)) / ((n - i + 1) * p) : ((n - i) * p) / ((i + 1) * (1 - p));
    sum += term;
    if (term < sum * 1e-18) break;
  }
  return logBinomialDensity(k, n - k, p) + Math.log(sum);
}

/**
 * log P(X ≤ k) for X ~ Binomial(n, p), 0 < p < 1. Summed from k outwards, hence as exact in the far tail as beside the mean.
 *
 * @example
 * Math.exp(logBinomialCdf(1, 2, 0.5)); // 0.75
 */
export function logBinomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return -Infinity;
  if (k >= n) return 0;
  if (k < n * p) return logOutward(k, n, p, -1);
  return Math.log1p(-Math.exp(logOutward(k + 1, n, p, 1)));
}

/** log P(X ≥ k). */
function logBinomialUpper(k: number, n: number, p: number): number {
  return logBinomialCdf(n - k, n, 1 - p);
}

/** log(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/**
 * log p of the two-sided test "as improbable as this or more": all outcomes whose probability is at most that of k, as
 * in SciPy and R (with their tolerance of 1e-7 for ties).
 */
function logTwoSided(k: number, n: number, p: number): number {
  const limit = logBinomialDensity(k, n - k, p) + Math.log1p(1e-7);
  const below = k < n * p;
  if (k === n * p) return 0;
  // The binomial is unimodal, so the outcomes on the other side that are improbable enough form a tail; bisect its edge.
  let near = Math.floor(n * p) + (below ? 1 : 0);
  let far = below ? n + 1 : -1;
  while (Math.abs(far - near) > 1) {
    const middle = Math.floor((near + far) / 2);
    if (logBinomialDensity(middle, n - middle, p) <= limit) far = middle;
    else near = middle;
  }
  if (near >= 0 && near <= n && logBinomialDensity(near, n - near, p) <= limit) far = near;
  return below
    ? logAdd(logBinomialCdf(k, n, p), far > n ? -Infinity : logBinomialUpper(far, n, p))
    : logAdd(logBinomialUpper(k, n, p), logBinomialCdf(far, n, p));
}

/**
 * Exact binomial test of k successes in n against the chance rate p0.
 *
 * @param alternative - What is to be shown: a rate above chance ("greater"), below ("less"), or either.
 * @throws LintelError "usage" when not 0 ≤ k ≤ n (integers) or not 0 < p0 < 1.
 *
 * @example
 * binomialTest(11, 20, 0.25).p; // 0.00394… : above chance
 */
export function binomialTest(
  k: number,
  n: number,
  p0: number,
  alternative: "greater" | "less" | "two-sided" = "greater",
): PValue {
  ensure(Number.isInteger(k) && Number.isInteger(n) && k >= 0 && k <= n && p0 > 0 && p0 < 1, "usage", () => ({
    where: "binomial test",
    expected: "integers 0 ≤ k ≤ n and 0 < p0 < 1",
    got: `k = ${k}, n = ${n}, p0 = ${p0}`,
  }));
  if (alternative === "greater") return pValue(logBinomialUpper(k, n, p0));
  if (alternative === "less") return pValue(logBinomialCdf(k, n, p0));
  return pValue(logTwoSided(k, n, p0));
}
