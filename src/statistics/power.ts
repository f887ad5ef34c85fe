import { normalCdf, normalQuantile } from "./distributions/normal.ts";

/** Rates of the two kinds of discordant pairs, as expected or as observed. */
export interface Discordance {
  /** Share of examples right under the first condition only. */
  first: number;
  /** Share of examples right under the second condition only. */
  second: number;
}

/**
 * Discordance observed in a table, drawn half a pair towards each side, so that "none seen" does not plan as "none will
 * ever come".
 *
 * @example
 * observedDiscordance(0, 0, 99); // { first: 0.005, second: 0.005 }
 */
export function observedDiscordance(n10: number, n01: number, n: number): Discordance {
  return { first: (n10 + 0.5) / (n + 1), second: (n01 + 0.5) / (n + 1) };
}

/**
 * Chance that the exact two-sided McNemar test on n pairs is significant in the direction of the true difference.
 *
 * Normal approximation with the continuity correction that mirrors the exact test: it needs |b − c| − 1 > z √(b + c).
 *
 * Source: Connor 1987; Miettinen 1968.
 *
 * @example
 * mcnemarPower(500, { first: 0.06, second: 0.03 }); // 0.550…
 */
export function mcnemarPower(n: number, { first, second }: Discordance, alpha = 0.05): number {
  const gap = Math.abs(first - second);
  const discordant = first + second;
  const variance = discordant - gap * gap;
  const excess = n * gap - 1 + normalQuantile(alpha / 2) * Math.sqrt(n * discordant);
  if (variance <= 0) return excess > 0 ? 1 : 0;
  return normalCdf(excess / Math.sqrt(n * variance));
}

/**
 * Chance that the equivalence test on n pairs shows the difference to lie inside ±margin. With 5 % discordant pairs, no
 * difference and a margin of two points, n = 1,353 gives 0.90.
 *
 * Source: Schuirmann 1987, normal form.
 *
 * @example
 * equivalencePower(1353, { first: 0.025, second: 0.025 }, 0.02); // 0.9000…
 */
export function equivalencePower(
  n: number,
  { first, second }: Discordance,
  margin = 0.02,
  alpha = 0.05,
): number {
  const difference = first - second;
  const z = -normalQuantile(alpha);
  const error = Math.sqrt((first + second - difference * difference) / n);
  const within =
    normalCdf((margin - difference) / error - z) + normalCdf((margin + difference) / error - z) - 1;
  return Math.max(0, within);
}

/**
 * Least n at which all of several tests succeed together with at least the given power. Their joint power is bounded
 * from below by 1 − Σ(1 − powerᵢ), so the answer holds however the tests depend on each other.
 *
 * @param powers - Each test's power as a function of n.
 * @param target - 0.8 if left out.
 * @param most - Beyond this many examples the answer is null: 10 million if left out.
 * @returns n, or null when no n up to `most` is enough (the true difference is zero, or outside the margin).
 *
 * @example
 * examplesNeeded([(n) => equivalencePower(n, { first: 0.025, second: 0.025 })], 0.9); // 1353
 */
export function examplesNeeded(
  powers: readonly ((n: number) => number)[],
  target = 0.8,
  most = 10_000_000,
): number | null {
  const enough = (n: number): boolean => powers.reduce((joint, power) => joint - (1 - power(n)), 1) >= target;
  let high = 2;
  while (!enough(high)) {
    if (high >= most) return null;
    high = Math.min(most, high * 2);
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high);
}

/**
 * Pairs needed for a McNemar test of a true difference.
 *
 * @returns null when there is no difference to find.
 *
 * @example
 * pairsForMcnemar({ first: 0.06, second: 0.03 }); // 848
 */
export function pairsForMcnemar(discordance: Discordance, power = 0.8, alpha = 0.05): number | null {
  return examplesNeeded([(n) => mcnemarPower(n, discordance, alpha)], power);
}

/**
 * Pairs needed to show equivalence inside ±margin.
 *
 * @public
 * @returns null when the true difference is not inside the margin.
 *
 * @example
 * pairsForEquivalence({ first: 0.025, second: 0.025 }, 0.02, 0.9); // 1353
 */
export function pairsForEquivalence(
  discordance: Discordance,
  margin = 0.02,
  power = 0.8,
  alpha = 0.05,
): number | null {
  return examplesNeeded([(n) => equivalencePower(n, discordance, margin, alpha)], power);
}
