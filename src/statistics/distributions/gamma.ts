/**
 * The gamma function and its kin, built on Stirling's series so that no digits are lost to the cancellation of huge
 * log-gammas (C. Loader, "Fast and Accurate Computation of Binomial Probabilities", 2000).
 */

const HALF_LOG_2PI = 0.9189385332046728;
/** B₂ⱼ / (2j(2j−1)) for j = 1 … 7, signs included. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/**
 * Error of Stirling's formula: log Γ(x + 1) − [½ log 2π + (x + ½) log x − x], for x > 0. Absolute error about 1e-15.
 *
 * @example
 * stirlingError(1); // 0.0810614667953…: 1 − log(2π) / 2
 */
export function stirlingError(x: number): number {
  let shift = 0;
  let y = x;
  // Below 16 the series is too short; the error at y follows from the one at y + 1.
  while (y < 16) {
    shift += (y + 0.5) * Math.log1p(1 / y) - 1;
    y += 1;
  }
  const square = 1 / (y * y);
  let series = 0;
  for (let j = STIRLING.length - 1; j >= 0; j--) series = series * square + STIRLING[j]!;
  return shift + series / y;
}

/**
 * x log(x / mean) + mean − x for x, mean > 0, without the cancellation near x = mean. Half the deviance of a Poisson
 * count x; Loader's `bd0`.
 *
 * @example
 * deviance(10, 10); // 0
 */
export function deviance(x: number, mean: number): number {
  const v = (x - mean) / (x + mean);
  if (Math.abs(v) > 0.1) return x * Math.log(x / mean) + mean - x;
  let sum = (x - mean) * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * log Γ(x) for x > 0. Absolute error about 1e-15 · max(1, |log Γ|); the relative error grows beside the zeros at 1 and 2.
 *
 * @example
 * logGamma(5); // Math.log(24)
 */
export function logGamma(x: number): number {
  if (x === 1 || x === 2) return 0;
  // Γ(x) = Γ(x + 1) / x, and `stirlingError` gives Γ(x + 1).
  return HALF_LOG_2PI + (x - 0.5) * Math.log(x) - x + stirlingError(x);
}

/**
 * log Q(a, x), Q the regularised upper incomplete gamma function Γ(a, x) / Γ(a); a > 0, x ≥ 0. It is the upper tail of
 * a gamma variable of shape a, and of χ² with 2a degrees of freedom at 2x.
 *
 * Source: series and Legendre's continued fraction, Abramowitz & Stegun 6.5.29 and 6.5.31.
 *
 * @example
 * Math.exp(logGammaUpper(1, 2)); // Math.exp(-2)
 */
export function logGammaUpper(a: number, x: number): number {
  if (x <= 0) return 0;
  /** log of x^a e^−x / Γ(a + 1). */
  const front = -stirlingError(a) - deviance(a, x) - HALF_LOG_2PI - 0.5 * Math.log(a);
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return Math.log1p(-Math.exp(front + Math.log(sum)));
  }
  // Modified Lentz evaluation of 1 / (x + 1 − a − 1(1 − a) / (x + 3 − a − 2(2 − a) / (x + 5 − a − …))).
  let b = x + 1 - a;
  let c = 1 / 1e-300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 100_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return front + Math.log(a * h);
}
