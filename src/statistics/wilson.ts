import { ensure } from "../util/index.ts";
import { normalQuantile } from "./distributions/normal.ts";
import { known, type Measured, unknown } from "./measured.ts";

/** Lower and upper limit. */
export type Interval = [number, number];

/**
 * The interval that holds both.
 *
 * @example
 * hull([0, 0.5], [0.2, 0.7]); // [0, 0.7]
 */
export const hull = (a: Interval, b: Interval): Interval => [Math.min(a[0], b[0]), Math.max(a[1], b[1])];

/**
 * Wilson's score interval of a proportion, without continuity correction. Never of zero width, also at 0 and at n.
 *
 * @public
 * @param alpha - One minus the confidence: 0.05 for 95 %.
 * @returns null with a reason for n < 2.
 * @throws LintelError "usage" when not 0 ≤ successes ≤ n.
 *
 * Source: Wilson 1927; statsmodels `proportion_confint(method="wilson")`.
 *
 * @example
 * wilson(8, 10, 0.05).value; // [0.4901…, 0.9433…]
 */
export function wilson(successes: number, n: number, alpha = 0.05): Measured<Interval> {
  ensure(successes >= 0 && successes <= n && alpha > 0 && alpha < 1, "usage", () => ({
    where: "Wilson interval",
    expected: "0 ≤ successes ≤ n and 0 < alpha < 1",
    got: `${successes} of ${n}, alpha = ${alpha}`,
  }));
  if (n < 2) return unknown(`${n} example${n === 1 ? "" : "s"}; an interval needs at least 2`);
  const z = -normalQuantile(alpha / 2);
  const failures = n - successes;
  const middle = successes + (z * z) / 2;
  const half = z * Math.sqrt((successes * failures) / n + (z * z) / 4);
  const low = successes === 0 ? 0 : (successes * successes) / n / (middle + half);
  const high = failures === 0 ? 1 : (middle + half) / (n + z * z);
  return known([low, high]);
}
