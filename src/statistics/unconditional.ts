/**
 * The exact unconditional test that a paired difference lies above −margin. Tango's statistic orders the tables; the
 * p-value is the largest probability, over all rates with a difference of exactly −margin, of a table at least as far
 * on the side of the claim. So it errs at most alpha of the time at any n and any rates, where the normal p-value of the
 * same statistic errs up to 5.6 % of the time (docs/calibration.md).
 *
 * The tables it looks at are given by the number m of discordant pairs and how many of them (b) are right under the
 * first condition. The statistic rises in b and falls in c (checked by a test), so for each m there is a least such b.
 */
import { logBinomialDensity } from "./distributions/beta.ts";
import { logBinomialCdf } from "./distributions/binomial.ts";
import { scoreStatistic } from "./paired.ts";

/** Points at which the unknown rate is tried before the best are refined; denser towards both ends of its range. */
const GRID = 80;
/** Local maxima of the grid that are refined, and steps of the golden section: exact to about 1e-11. */
const PEAKS = 3;
const STEPS = 22;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Terms smaller by this factor (a logarithm) than the largest are left out. */
const NEGLIGIBLE = 32;

/** For every number m of discordant pairs the least b whose statistic is at least `observed`. */
function leastFirst(observed: number, n: number, margin: number): Int32Array {
  const limit = observed - 1e-9 * Math.max(1, Math.abs(observed));
  const least = new Int32Array(n + 1);
  let first = 0;
  for (let m = 0; m <= n; m++) {
    // One more pair needs at most one more b.
    while (first <= m && scoreStatistic(first, m - first, n, -margin) < limit) first++;
    least[m] = first;
  }
  return least;
}

/** log P(table at least as far out) where `first` is the rate of the first kind and `first + margin` of the second. */
function logTail(least: Int32Array, n: number, first: number, margin: number): number {
  const discordant = 2 * first + margin;
  const share = first / discordant;
  const terms: number[] = [];
  let best = -Infinity;
  const visit = (m: number): boolean => {
    const density = logBinomialDensity(m, n - m, Math.min(1, discordant));
    const needed = least[m]!;
    const tail =
      needed === 0 ? 0 : share === 0 || needed > m ? -Infinity : logBinomialCdf(m - needed, m, 1 - share);
    terms.push(density + tail);
    best = Math.max(best, density + tail);
    // The tail is at most 1, and the density falls on from here.
    return density > best - NEGLIGIBLE;
  };
  const mode = Math.min(n, Math.floor((n + 1) * Math.min(1, discordant)));
  for (let m = mode; m <= n && visit(m); m++);
  for (let m = mode - 1; m >= 0 && visit(m); m--);
  if (best === -Infinity) return best;
  return best + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - best), 0));
}

/**
 * log P(a table at least as far on the side of "difference > −margin" as the given one) at one pair of rates: `first`,
 * and `first + margin` for the second kind of discordant pairs.
 *
 * @example
 * Math.exp(logUnconditionalTail({ b: 0, c: 0, n: 10 }, 0.1, 0)); // 0.9 ** 10: no discordant pair
 */
export function logUnconditionalTail(
  { b, c, n }: { b: number; c: number; n: number },
  margin: number,
  first: number,
): number {
  return logTail(leastFirst(scoreStatistic(b, c, n, -margin), n, margin), n, first, margin);
}

/** Largest value of `at` between low and high by golden section, not less than that at `inside`. */
function refine(at: (u: number) => number, from: number, to: number, inside: number): number {
  let [low, high] = [from, to];
  let x = high - GOLDEN * (high - low);
  let y = low + GOLDEN * (high - low);
  let fx = at(x);
  let fy = at(y);
  for (let i = 0; i < STEPS; i++) {
    if (fx >= fy) {
      high = y;
      [y, fy] = [x, fx];
      x = high - GOLDEN * (high - low);
      fx = at(x);
    } else {
      low = x;
      [x, fx] = [y, fy];
      y = low + GOLDEN * (high - low);
      fy = at(y);
    }
  }
  return Math.max(at(inside), fx, fy);
}

/**
 * Logarithm of the exact unconditional p-value of "difference > −margin", for b pairs right under the first condition
 * only and c under the second only, of n.
 *
 * @param margin - 0 < margin < 1.
 *
 * Source: Suissa & Shuster 1991; Tango's statistic as the ordering: Sidik 2003, Tang et al. 2003.
 *
 * @example
 * Math.exp(logUnconditionalP(0, 0, 149, 0.02)); // 0.98 ** 149
 */
export function logUnconditionalP(b: number, c: number, n: number, margin: number): number {
  return logLargest(scoreStatistic(b, c, n, -margin), n, margin);
}

/**
 * Least value of the statistic (to 1e-4) at which the exact test of n pairs is significant: somewhat above the normal
 * quantile.
 *
 * @example
 * criticalScore(1000, 0.02); // 1.65…
 */
export function criticalScore(n: number, margin: number, alpha = 0.05): number {
  let low = 0;
  let high = 10;
  // Where the last statistic that was not significant had its largest probability: the next one is settled there first.
  let worst = 0;
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    const at = tailAt(middle, n, margin);
    if (at(worst) < Math.log(alpha)) {
      const largest = largestOf(at);
      if (largest.value < Math.log(alpha)) {
        high = middle;
        continue;
      }
      worst = largest.u;
    }
    low = middle;
  }
  return high;
}

/** Logarithm of the probability of a statistic of at least `observed` along the margin: u from 0 to 1 is the lowest to the highest rate. */
function tailAt(observed: number, n: number, margin: number): (u: number) => number {
  const least = leastFirst(observed, n, margin);
  const most = (1 - margin) / 2;
  return (u) => logTail(least, n, most * Math.sin((Math.PI / 2) * u) ** 2, margin);
}

/** Largest value of `at` between 0 and 1, and the best point of the grid. */
function largestOf(at: (u: number) => number): { value: number; u: number } {
  const grid = Array.from({ length: GRID + 1 }, (_, i) => at(i / GRID));
  const peaks = grid
    .map((value, i) => ({ value, i }))
    .filter(({ value, i }) => value >= (grid[i - 1] ?? -Infinity) && value >= (grid[i + 1] ?? -Infinity))
    .sort((one, two) => two.value - one.value)
    .slice(0, PEAKS);
  const refined = peaks.map(({ i }) =>
    refine(at, Math.max(0, i - 1) / GRID, Math.min(GRID, i + 1) / GRID, i / GRID),
  );
  return { value: Math.max(...refined), u: peaks[0]!.i / GRID };
}

/** Logarithm of the largest probability, over all rates at the margin, of a statistic of at least `observed`. */
const logLargest = (observed: number, n: number, margin: number): number =>
  Math.min(0, largestOf(tailAt(observed, n, margin)).value);
