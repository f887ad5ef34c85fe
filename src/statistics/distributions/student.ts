import { turn } from "../roots.ts";
import { logRegularizedBeta } from "./beta.ts";
import { normalQuantile } from "./normal.ts";

/**
 * log P(T ≤ t) for Student's t with `df` degrees of freedom; finite however far out.
 *
 * Source: Abramowitz & Stegun 26.7.1, by the incomplete beta function.
 *
 * @example
 * Math.exp(logStudentCdf(-2.228138851964939, 10)); // 0.025
 */
export function logStudentCdf(t: number, df: number): number {
  if (t === 0) return -Math.LN2;
  const tail = logRegularizedBeta(df / (df + t * t), df / 2, 0.5) - Math.LN2;
  return t < 0 ? tail : Math.log1p(-Math.exp(tail));
}

/**
 * Quantile of Student's t, 0 < p < 1.
 *
 * @example
 * studentQuantile(0.975, 10); // 2.2281…
 */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -studentQuantile(1 - p, df);
  const target = Math.log(p);
  let low = 2 * normalQuantile(p);
  while (logStudentCdf(low, df) > target) low *= 2;
  return turn(low, 0, (t) => logStudentCdf(t, df) < target);
}
