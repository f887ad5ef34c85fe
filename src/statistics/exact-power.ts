/** Power of the exact tests themselves, summed over every table that has a chance: no approximation. */
import { logBinomialDensity } from "./distributions/beta.ts";
import { logBinomialCdf } from "./distributions/binomial.ts";
import { mcnemar } from "./mcnemar.ts";
import { scoreStatistic } from "./paired.ts";
import type { Discordance } from "./power.ts";
import { criticalScore } from "./unconditional.ts";

/** Tables less likely than this (a logarithm) are left out: together they have less than a billionth. */
const RARE = -30;

/**
 * Chance that the exact two-sided McNemar test on n pairs is significant in the direction of the true difference.
 *
 * @example
 * exactMcnemarPower(500, { first: 0.06, second: 0.03 }); // 0.563…
 */
export function exactMcnemarPower(n: number, { first, second }: Discordance, alpha = 0.05): number {
  const discordant = first + second;
  if (discordant === 0) return 0;
  const share = Math.max(first, second) / discordant;
  let power = 0;
  let needed = 0;
  for (let m = 1; m <= n; m++) {
    // One more pair needs at most one more on the winning side.
    while (needed <= m && (2 * needed <= m || mcnemar(needed, m - needed).p >= alpha)) needed++;
    const density = logBinomialDensity(m, n - m, Math.min(1, discordant));
    if (density < RARE || needed > m) {
      needed = Math.max(0, needed - 1);
      continue;
    }
    power += Math.exp(density + (share === 1 ? 0 : logBinomialCdf(m - needed, m, 1 - share)));
    needed = Math.max(0, needed - 1);
  }
  return power;
}

/**
 * Chance that the exact equivalence test on n pairs shows the difference to lie inside ±margin. Takes a fraction
 * of a second at n = 1,000.
 *
 * @example
 * exactEquivalencePower(149, { first: 0, second: 0 }, 0.02); // 1: no pair is discordant, and so many are enough
 * exactEquivalencePower(148, { first: 0, second: 0 }, 0.02); // 0
 */
export function exactEquivalencePower(
  n: number,
  { first, second }: Discordance,
  margin = 0.02,
  alpha = 0.05,
): number {
  const likely = (rate: number): [number, number] => {
    let low = Math.floor(n * rate);
    let high = low;
    while (low > 0 && logBinomialDensity(low - 1, n - low + 1, rate) > RARE) low--;
    while (high < n && logBinomialDensity(high + 1, n - high - 1, rate) > RARE) high++;
    return [low, high];
  };
  const [firstLow, firstHigh] = likely(first);
  const [secondLow, secondHigh] = likely(second);
  const critical = criticalScore(n, margin, alpha);
  let power = 0;
  for (let b = firstLow; b <= firstHigh; b++) {
    const outer = logBinomialDensity(b, n - b, first);
    for (let c = secondLow; c <= Math.min(secondHigh, n - b); c++)
      if (scoreStatistic(Math.min(b, c), Math.max(b, c), n, -margin) >= critical)
        power += Math.exp(outer + logBinomialDensity(c, n - b - c, Math.min(1, second / (1 - first))));
  }
  return Math.min(1, power);
}
