/** The standard normal distribution, accurate in relative terms however far out. */

const LOG_SQRT_2PI = 0.9189385332046728;

/** Mills' ratio (1 − Φ(z)) / φ(z) for z ≥ 3 by Laplace's continued fraction 1 / (z + 1 / (z + 2 / (z + …))). */
function mills(z: number): number {
  let c = z;
  let d = 0;
  let f = z;
  for (let k = 1; k < 10_000; k++) {
    d = 1 / (z + k * d);
    c = z + k / c;
    f *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return 1 / f;
}

/** Φ(z) − ½ for |z| ≤ 3: φ(z) · (z + z³/3 + z⁵/(3·5) + …), all terms of one sign. */
function center(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > Math.abs(sum) * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return sum * Math.exp(-0.5 * z * z - LOG_SQRT_2PI);
}

/**
 * log Φ(z), z in standard deviations; finite for every finite z (log Φ(−1000) = −500007.8…).
 *
 * Source: series and continued fraction, Abramowitz & Stegun 26.2.11 and 26.2.14.
 *
 * @example
 * logNormalCdf(-40); // −804.608…
 */
export function logNormalCdf(z: number): number {
  if (!Number.isFinite(z)) return z === Infinity ? 0 : z;
  if (z < -3) return -0.5 * z * z - LOG_SQRT_2PI + Math.log(mills(-z));
  if (z > 3) return Math.log1p(-Math.exp(-0.5 * z * z - LOG_SQRT_2PI) * mills(z));
  return Math.log(0.5 + center(z));
}

/**
 * Φ(z). The upper tail is `normalCdf(-z)`, which keeps its digits where 1 − Φ(z) would not.
 *
 * @example
 * normalCdf(-1.959963984540054); // 0.025
 */
export function normalCdf(z: number): number {
  return z < -3 || z > 3 ? Math.exp(logNormalCdf(z)) : 0.5 + center(z);
}

/**
 * Φ⁻¹(p) for 0 < p < 1; ±Infinity at the ends, NaN outside.
 *
 * Start: Abramowitz & Stegun 26.2.23; then Newton's steps on log Φ, which is nearly a parabola in the tail.
 *
 * @example
 * normalQuantile(0.975); // 1.9599639845400…
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  if (!(p > 0)) return Number.NaN;
  const target = Math.log(p);
  const t = Math.sqrt(-2 * target);
  let z =
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let i = 0; i < 8; i++) {
    const value = logNormalCdf(z);
    const slope = Math.exp(-0.5 * z * z - LOG_SQRT_2PI - value);
    const step = (value - target) / slope;
    z -= step;
    if (Math.abs(step) <= 1e-16 * Math.abs(z)) break;
  }
  return z;
}
