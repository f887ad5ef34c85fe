import { deviance, stirlingError } from "./gamma.ts";

/**
 * log of x^a (1 − x)^b Γ(a + b + 1) / (Γ(a + 1) Γ(b + 1)): the binomial probability of a successes and b failures at
 * success rate x, for any real a, b ≥ 0 and 0 ≤ x ≤ 1.
 *
 * Source: Loader 2000 (saddle-point form; the three log-gammas never meet).
 *
 * @example
 * Math.exp(logBinomialDensity(1, 1, 0.5)); // 0.5
 */
export function logBinomialDensity(a: number, b: number, x: number): number {
  if (a === 0) return b === 0 ? 0 : b * Math.log1p(-x);
  if (b === 0) return a * Math.log(x);
  if (x <= 0 || x >= 1) return -Infinity;
  const n = a + b;
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * (1 - x));
  return exponent + 0.5 * Math.log(n / (2 * Math.PI * a * b));
}

/** log I_x(a, b) where the continued fraction converges fast: x ≤ (a + 1) / (a + b + 2). */
function logFraction(x: number, a: number, b: number): number {
  const sum = a + b;
  let c = 1;
  let d = 1 / (1 - (sum * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    h *= c * d;
    const odd = (-(a + m) * (sum + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    h *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  // x^a (1 − x)^b / (a B(a, b)) in terms of the binomial density.
  return logBinomialDensity(a, b, x) + Math.log((h * b) / sum);
}

/**
 * log I_x(a, b), the regularised incomplete beta function; a, b > 0, 0 ≤ x ≤ 1. −Infinity at x = 0, and finite wherever
 * I_x itself would underflow.
 *
 * Source: continued fraction, Abramowitz & Stegun 26.5.8.
 *
 * @example
 * Math.exp(logRegularizedBeta(0.5, 2, 2)); // 0.5
 */
export function logRegularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return -Infinity;
  if (x >= 1) return 0;
  if (x <= (a + 1) / (a + b + 2)) return logFraction(x, a, b);
  return Math.log1p(-Math.exp(logFraction(1 - x, b, a)));
}
