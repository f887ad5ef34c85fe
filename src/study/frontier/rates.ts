/** Quantities over several seeds of one model, from the answers to the same examples under several interventions. */

import { contentDummies } from "../../audit/index.ts";
import { mean } from "../../numeric/index.ts";
import { clusteredComparison, type Interval, type Measured, mcnemar } from "../../statistics/index.ts";
import { type Answers, countsOf, idsOf, PAIR, rateOf, rightUnder, sizeOf } from "./answers-by-seed.ts";
import { ALPHA, accuracyInterval, differenceInterval, ratioInterval } from "./intervals.ts";
import type { Rate, Standing } from "./schema.ts";

export { type Answers, answersOf, pairedAnswers } from "./answers-by-seed.ts";

/** A value over all seeds with its interval, and the same of each seed. */
function rated(value: number, interval: Measured<Interval>, seeds: readonly number[]): Rate {
  if (!Number.isFinite(value)) return noRate(seeds.length, "not defined: it divides by zero");
  return {
    value,
    interval: interval.value,
    seeds: seeds.map((each) => (Number.isFinite(each) ? each : null)),
    ...(interval.reason !== undefined && { reasons: { interval: interval.reason } }),
  };
}

/** A rate that was not measured. */
export const noRate = (seeds: number, reason: string): Rate => ({
  value: null,
  interval: null,
  seeds: Array.from({ length: seeds }, () => null),
  reasons: { value: reason, interval: reason },
});

/** The best of the content-free controls that all seeds have, by its mean over seeds. */
function bestDummy(seeds: readonly Answers[]): string | null {
  const dummies = contentDummies.filter((name) => seeds.every(({ names }) => names.includes(name)));
  const rates = dummies.map((name) => mean(seeds.map((seed) => rateOf(seed, name))));
  return dummies[rates.indexOf(Math.max(...rates))] ?? null;
}

/**
 * What a leaderboard shows of an audit: accuracies, own / oracle, and the share of the gap between the best dummy and the
 * oracle that own latents close. Intervals over seeds and examples are those of audit/statistics/seeds.ts, over the
 * examples of a single seed those of an audit. The best dummy is the one that is best over all seeds (of a single seed's
 * value, the one that is best in it). Where the oracle is not shown to beat it there is no gap to close, and the ratio would
 * be noise over noise: null with a reason.
 *
 * @param seeds - Answers with the same names, one entry per seed.
 */
export function performance(
  seeds: readonly Answers[],
): Pick<Standing, "own" | "oracle" | "dummy" | "gapClosed" | "ofOracle"> {
  const has = (name: string): boolean => seeds.every(({ names }) => names.includes(name));
  const lack = (name: string): Rate => noRate(seeds.length, `no answers under ${name}`);
  const over = (name: string): number => mean(seeds.map((seed) => rateOf(seed, name)));
  const accuracy = (name: string): Rate =>
    rated(
      over(name),
      accuracyInterval(seeds, name),
      seeds.map((seed) => rateOf(seed, name)),
    );
  const name = bestDummy(seeds);
  const lacks = [
    ...["own", "oracle"].filter((each) => !has(each)),
    ...(name ? [] : ["content-free controls"]),
  ];
  const [own, oracle] = ["own", "oracle"].map((each) => (has(each) ? accuracy(each) : lack(each)));
  const gapClosed = (): Rate => {
    if (lacks.length > 0) return lack(lacks[0]!);
    const gap = differenceInterval(seeds, "oracle", name!).value?.[0] ?? over("oracle") - over(name!);
    if (!(gap > 0))
      return noRate(seeds.length, "the oracle is not shown to beat the best dummy: there is no gap to close");
    return rated(
      (over("own") - over(name!)) / (over("oracle") - over(name!)),
      ratioInterval(seeds, { over: "own", under: "oracle", less: name! }),
      seeds.map((seed) => {
        const most = rateOf(seed, bestDummy([seed])!);
        return (rateOf(seed, "own") - most) / (rateOf(seed, "oracle") - most);
      }),
    );
  };
  const missing = lacks.find((each) => each !== "content-free controls");
  return {
    own: own!,
    oracle: oracle!,
    dummy: { ...(name === null ? lack("content-free controls") : accuracy(name)), name },
    gapClosed: gapClosed(),
    ofOracle:
      missing === undefined
        ? rated(
            over("own") / over("oracle"),
            ratioInterval(seeds, { over: "own", under: "oracle", less: null }),
            seeds.map((seed) => rateOf(seed, "own") / rateOf(seed, "oracle")),
          )
        : lack(missing),
  };
}

/** Examples that the recipe alone, and that the reference alone, answers right; and all. */
export function discordant(seed: Answers): { b: number; c: number; n: number } {
  const { n10, n01 } = countsOf(seed, ...PAIR);
  return { b: n10, c: n01, n: sizeOf(seed.clusters) };
}

/**
 * p-value of no difference between a recipe and the reference in one seed: exact McNemar's; where questions share images,
 * the larger of it and of the test over clusters, and 1 where clusters are too few for one.
 *
 * @example
 * differenceOf({ names: ["own", "reference"], clusters: [[1], [1], [1], [1], [1], [1]] }); // 0.03125
 */
export function differenceOf(seed: Answers): number {
  const counts = countsOf(seed, ...PAIR);
  const exact = mcnemar(counts.n10, counts.n01).p;
  const ids = idsOf(seed);
  if (ids === null) return exact;
  const other = rightUnder(seed, PAIR[1]);
  const values = rightUnder(seed, PAIR[0]).map((right, i) => right - other[i]!);
  return Math.max(exact, clusteredComparison(counts, values, ids, 0.02, ALPHA).value?.p ?? 1);
}

/** Difference in own accuracy, with an interval over seeds and examples. */
export function differenceOver(seeds: readonly Answers[]): Rate {
  const each = seeds.map((seed) => rateOf(seed, "own") - rateOf(seed, "reference"));
  return rated(mean(each), differenceInterval(seeds, ...PAIR), each);
}
