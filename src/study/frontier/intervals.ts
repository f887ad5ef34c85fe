/** Intervals of what a leaderboard shows: over seeds (audit/statistics/seeds.ts), or over the examples of a single one. */
import { mean, sum } from "../../numeric/index.ts";
import {
  clusteredComparison,
  clusterWorth,
  fewAnswers,
  fewPairs,
  fieller,
  hull,
  type Interval,
  known,
  type Measured,
  pairedInterval,
  type SeedTotals,
  seedAccuracy,
  seedDifference,
  seedMean,
  seedRatio,
  shareInterval,
  studentQuantile,
  unknown,
} from "../../statistics/index.ts";
import { type Answers, countsOf, idsOf, rightUnder, sizeOf, totalsOf } from "./answers-by-seed.ts";

export const ALPHA = 0.05;

/** Means over seeds of the effective number of clusters and of the design effect of values; null where none is shared. */
function worthOf(
  seeds: readonly Answers[],
  values: (seed: Answers) => number[],
): { worth: { effective: number; designEffect: number } | null; reason?: string } {
  const found: { effective: number; designEffect: number }[] = [];
  for (const seed of seeds) {
    const ids = idsOf(seed);
    if (ids === null) continue;
    const worth = clusterWorth(values(seed), ids, ALPHA);
    if (worth.value === null) return { worth: null, reason: worth.reason };
    found.push(worth.value);
  }
  if (found.length === 0) return { worth: null };
  return {
    worth: {
      effective: mean(found.map(({ effective }) => effective)),
      designEffect: mean(found.map(({ designEffect }) => designEffect)),
    },
  };
}

/** 95 % interval of the accuracy under a name, over seeds and examples. */
export function accuracyInterval(seeds: readonly Answers[], name: string): Measured<Interval> {
  const [only] = seeds;
  if (seeds.length === 1) return shareInterval(rightUnder(only!, name).map(Boolean), idsOf(only!), ALPHA);
  const { worth, reason } = worthOf(seeds, (seed) => rightUnder(seed, name));
  if (reason !== undefined) return unknown(reason);
  const totals = totalsOf(seeds, name);
  const interval = seedAccuracy(totals, ALPHA, worth?.designEffect);
  const few = worth && fewAnswers(seedMean(totals).mean, worth.effective, ALPHA);
  return interval.value && few ? known(hull(interval.value, few)) : interval;
}

/** 95 % interval of the difference of two, paired. */
export function differenceInterval(
  seeds: readonly Answers[],
  first: string,
  second: string,
): Measured<Interval> {
  const between = (seed: Answers): number[] => {
    const other = rightUnder(seed, second);
    return rightUnder(seed, first).map((right, i) => right - other[i]!);
  };
  const [only] = seeds;
  if (seeds.length === 1) {
    const counts = countsOf(only!, first, second);
    const ids = idsOf(only!);
    const found = ids
      ? clusteredComparison(counts, between(only!), ids, 0.02, ALPHA)
      : pairedInterval(counts, ALPHA);
    return found.value ? known(found.value.interval) : unknown(found.reason);
  }
  const { worth, reason } = worthOf(seeds, between);
  if (reason !== undefined) return unknown(reason);
  const interval = seedDifference(
    totalsOf(seeds, first),
    totalsOf(seeds, second),
    ALPHA,
    worth?.designEffect,
  );
  if (!worth || interval.value === null) return interval;
  const tables = seeds.map((seed) => ({ ...countsOf(seed, first, second), n: sizeOf(seed.clusters) }));
  const few = fewPairs(
    { first: mean(tables.map(({ n10, n }) => n10 / n)), second: mean(tables.map(({ n01, n }) => n01 / n)) },
    worth.effective,
    ALPHA,
  );
  return few ? known(hull(interval.value, few)) : interval;
}

/** A quotient of differences of rates: (over − less) / (under − less), `less` being left out of `own / oracle`. */
interface Quotient {
  over: string;
  under: string;
  less: string | null;
}

/** 95 % interval of a quotient. */
export function ratioInterval(
  seeds: readonly Answers[],
  { over, under, less }: Quotient,
): Measured<Interval> {
  const part = (name: string): SeedTotals => {
    const all = totalsOf(seeds, name);
    if (less === null) return all;
    const minus = totalsOf(seeds, less);
    return { ...all, totals: all.totals.map((row, s) => row.map((each, c) => each - minus.totals[s]![c]!)) };
  };
  if (seeds.length > 1) return seedRatio(part(over), part(under), ALPHA);
  const [only] = seeds;
  const valuesOf = (name: string): number[] => {
    const minus = less === null ? null : rightUnder(only!, less);
    return rightUnder(only!, name).map((right, i) => right - (minus ? minus[i]! : 0));
  };
  const [top, bottom] = [valuesOf(over), valuesOf(under)];
  const ids = idsOf(only!) ?? top.map((_, i) => String(i));
  const worth = clusterWorth(bottom, ids, ALPHA);
  if (worth.value === null) return unknown(worth.reason);
  const { degreesOfFreedom } = worth.value;
  const contrast = (ratio: number): { mean: number; half: number } => {
    const values = top.map((each, i) => each - ratio * bottom[i]!);
    return contrastOf(values, clusterWorth(values, ids, ALPHA).value!.designEffect, degreesOfFreedom);
  };
  const whole = contrastOf(bottom, worth.value.designEffect, degreesOfFreedom);
  return fieller(contrast, mean(top) / mean(bottom), () => Math.abs(whole.mean) > whole.half);
}

function contrastOf(values: readonly number[], designEffect: number, degreesOfFreedom: number) {
  const middle = mean(values);
  const square = sum(values.map((each) => (each - middle) ** 2)) / (values.length - 1);
  const t = studentQuantile(1 - ALPHA / 2, degreesOfFreedom);
  return { mean: middle, half: t * Math.sqrt((designEffect * square) / values.length) };
}
