/** Accuracies over the same examples and their ratios, with intervals. */

import { mean } from "../../../../numeric/index.ts";
import { bootstrap, bootstrapOfMeans, type Interval, type Measured } from "../../../../statistics/index.ts";
import type { ExampleOutcomes } from "../../../record/outcomes.ts";

/** A number with its interval, or why there is none. */
export interface Estimate {
  value: number | null;
  interval: Interval | null;
  n: number;
  reason?: string;
}

/**
 * Mean of one number per example, with its interval; null below 2 examples.
 *
 * @param what - What the examples have, for the reason: "2 examples with a region".
 *
 * @example
 * estimate([1], "a region", 0).reason; // "1 examples with a region; at least 2 are needed"
 */
export function estimate(values: readonly number[], what: string, seed: number): Estimate {
  const n = values.length;
  if (n < 2)
    return { value: null, interval: null, n, reason: `${n} examples with ${what}; at least 2 are needed` };
  const interval = bootstrapOfMeans([values], [([value]) => value!], { seed })[0]!;
  return {
    value: mean(values),
    interval: interval.value,
    n,
    ...(interval.value === null && { reason: interval.reason }),
  };
}

/** Fewest examples with a right and with a wrong answer for an interval of their difference. */
const LEAST = 10;

/**
 * Mean over examples whose answer is right minus that over those whose answer is wrong, with a bootstrap interval over
 * examples; null below 10 of either.
 *
 * @example
 * rightMinusWrong([{ right: true, value: 1 }], 0).reason; // "1 right and 0 wrong answers; at least 10 of each are needed"
 */
export function rightMinusWrong(rows: readonly { right: boolean; value: number }[], seed: number): Estimate {
  const n = rows.length;
  const count = rows.filter(({ right }) => right).length;
  if (Math.min(count, n - count) < LEAST) {
    const reason = `${count} right and ${n - count} wrong answers; at least ${LEAST} of each are needed`;
    return { value: null, interval: null, n, reason };
  }
  const difference = (sample: typeof rows): number => {
    let [rightSum, wrongSum, rights] = [0, 0, 0];
    for (const { right, value } of sample) {
      if (right) rightSum += value;
      else wrongSum += value;
      rights += Number(right);
    }
    const found = rightSum / rights - wrongSum / (sample.length - rights);
    // A resample without a right or without a wrong answer shows no difference.
    return Number.isNaN(found) ? 0 : found;
  };
  const interval = bootstrap(rows, difference, { seed });
  return {
    value: difference(rows),
    interval: interval.value,
    n,
    ...(interval.value === null && { reason: interval.reason }),
  };
}

/** Right (1) or wrong (0) under each of the names, for the examples that have all of them, sorted by id. */
export function rightness(outcomes: readonly ExampleOutcomes[], names: readonly string[]): number[][] {
  return [...outcomes]
    .sort((a, b) => (a.example < b.example ? -1 : 1))
    .flatMap(({ outcomes: by, answer }) =>
      names.every((name) => by[name] !== undefined)
        ? [names.map((name) => Number(by[name]!.choice === answer))]
        : [],
    );
}

/**
 * (A(top) − A(base)) / (A(whole) − A(base)) with a bootstrap interval. null where the denominator cannot be told from 0:
 * a share of nothing means nothing.
 *
 * Source: docs/published-families.md §15.2 and §15.3 (our definitions).
 *
 * @example
 * const of = (choice) => ({ text: "", choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] });
 * shareOf([{ example: "1", answer: 0, options: ["a", "b"], outcomes: { own: of(0) } }], "own", "skip", "own", 0).reason;
 */
export function shareOf(
  outcomes: readonly ExampleOutcomes[],
  top: string,
  base: string,
  whole: string,
  seed: number,
): Estimate {
  const rows = rightness(outcomes, [top, base, whole]);
  const n = rows.length;
  const none = (reason: string): Estimate => ({ value: null, interval: null, n, reason });
  if (n < 2) return none(`${n} examples with ${top}, ${base} and ${whole}; at least 2 are needed`);
  const columns = [0, 1, 2].map((j) => rows.map((row) => row[j]!));
  const means = columns.map(mean);
  const gain = ([, under, over]: readonly number[]): number => over! - under!;
  const total = gain(means);
  const ratio = (of: readonly number[]): number => {
    const under = gain(of);
    // A sample without any gain has no share; at the point estimate's sign it counts as boundless.
    return (of[0]! - of[1]!) / (under === 0 ? Math.sign(total) * 1e-9 : under);
  };
  const [denominator, interval] = bootstrapOfMeans(columns, [gain, ratio], { seed }) as [
    Measured<Interval>,
    Measured<Interval>,
  ];
  // Without an interval every example says the same: the difference is certain, unless it is none.
  const unsure = denominator.value && denominator.value[0] <= 0 && denominator.value[1] >= 0;
  if (total === 0 || unsure)
    return none(`${whole} and ${base} cannot be told apart: there is nothing to divide`);
  return {
    value: ratio(means),
    interval: interval.value,
    n,
    ...(interval.value === null && { reason: interval.reason }),
  };
}
