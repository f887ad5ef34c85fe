/**
 * The share of the gap between the best control and the oracle that own latents close, and a test that it is small.
 *
 * Own latents close at most a share t of the way from the best of several dummies D to the oracle O where
 * own ≤ (1 − t) · best D + t · O. The mean of the dummies is never better than the best of them, so
 * own ≤ (1 − t) · mean D + t · O implies it. That is one linear contrast, tested on the examples' own differences: no
 * dummy is selected, so nothing has to be corrected for selection, and its variance is less than that of any single
 * dummy's contrast. "At least a share t" is shown against every dummy one by one (intersection–union). The test assumes
 * nothing about how the outcomes of an example depend on each other (statistics/bounded-mean.ts).
 */
import { mean } from "../../numeric/index.ts";
import {
  boundedMeanTest,
  type Counted,
  clustersOf,
  normalCdf,
  normalQuantile,
} from "../../statistics/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";

/** Right answers of one example, 0 or 1 each; dummies in a fixed order. */
export interface GapRow {
  own: number;
  oracle: number;
  dummies: readonly number[];
  images?: string | undefined;
}

/**
 * The examples that have `own`, `oracle` and every one of the dummies.
 *
 * @example
 * gapRows([], ["mean"]); // []
 */
export function gapRows(examples: readonly ExampleOutcomes[], dummies: readonly string[]): GapRow[] {
  return examples.flatMap(({ outcomes, answer, images }) => {
    const found = ["own", "oracle", ...dummies].map((name) => outcomes[name]);
    if (found.some((outcome) => outcome === undefined)) return [];
    const [own, oracle, ...others] = found.map((outcome) => Number(isRight(outcome!, answer)));
    return [{ own: own!, oracle: oracle!, dummies: others, images }];
  });
}

/** Values of a contrast, grouped; with shared images one value for each cluster, the sum over its examples. */
interface Contrast {
  values: Counted;
  /** No value can be larger, and none smaller than its negative. */
  bound: number;
  /** Independent values. */
  n: number;
  mean: number;
  deviation: number;
}

/** Sums of weights differ in their last bits; equal values are one group. */
const keyOf = (value: number): number => Math.round(value * 1e9);

/**
 * own − (1 − t) · D − t · O by example, where D is what `reference` takes of the dummies.
 *
 * @example
 * const row = { own: 1, oracle: 1, dummies: [0, 0] };
 * gapContrast([row, row], 0.1, ([first]) => first).mean; // 0.9
 */
export function gapContrast(
  rows: readonly GapRow[],
  t: number,
  reference: (dummies: readonly number[]) => number,
): Contrast {
  const each = rows.map(({ own, oracle, dummies }) => own - (1 - t) * reference(dummies) - t * oracle);
  const clusters = clustersOf(rows);
  const groups = new Map<number, [value: number, count: number]>();
  const count = (sum: number): void => {
    const group = groups.get(keyOf(sum));
    if (group) group[1]++;
    else groups.set(keyOf(sum), [sum, 1]);
  };
  let largest = 1;
  if (clusters === null) each.forEach(count);
  else {
    const totals = new Map<string, { sum: number; size: number }>();
    for (const [i, value] of each.entries()) {
      const known = totals.get(clusters[i]!) ?? { sum: 0, size: 0 };
      totals.set(clusters[i]!, { sum: known.sum + value, size: known.size + 1 });
    }
    for (const { sum, size } of totals.values()) {
      count(sum);
      largest = Math.max(largest, size);
    }
  }
  return contrastOf([...groups.values()], largest * Math.max(1, t, 1 - t));
}

/**
 * A contrast from its groups of values.
 *
 * @example
 * contrastOf([[-0.1, 3], [0.9, 1]], 1).mean; // 0.15
 */
export function contrastOf(values: Counted, bound: number): Contrast {
  const n = values.reduce((sum, [, count]) => sum + count, 0);
  const mean = values.reduce((sum, [value, count]) => sum + value * count, 0) / n;
  const square = values.reduce((sum, [value, count]) => sum + count * (value - mean) ** 2, 0);
  return { values, bound, n, mean, deviation: Math.sqrt(square / n) };
}

/** P-value of "the contrast's mean is below zero". */
const below = ({ values, bound }: Contrast): number => boundedMeanTest(values, bound).p;
/** P-value of "the contrast's mean is above zero". */
const above = ({ values, bound }: Contrast): number =>
  boundedMeanTest(
    values.map(([value, count]) => [-value, count]),
    bound,
  ).p;

/**
 * P-value of "own latents close at most a share t of the way from the best dummy to the oracle".
 *
 * @example
 * const rows = Array.from({ length: 200 }, (_, i) => ({ own: Number(i < 50), oracle: 1, dummies: [Number(i < 50)] }));
 * closesLittleP(rows, 0.1) < 0.05; // true: own is the dummy
 */
export const closesLittleP = (rows: readonly GapRow[], t: number): number =>
  below(gapContrast(rows, t, mean));

export interface Gap {
  /** Share of the way from the best dummy to the oracle; above 1 where own latents are better than the oracle. */
  closed: number;
  /** 95 % interval; an end that no finite share reaches is null. */
  interval: [number | null, number | null];
  /** The dummy that was best here. */
  dummy: string;
  /** Share that is called next to nothing, and the one-sided p-value that own latents close at most that. */
  share: number;
  p: number;
  n: number;
}

/** Shares are looked for in this range: beyond it they tell nothing. */
const RANGE = 20;

/** Where `rejects`, which is monotone, changes between two shares. */
function edge(rejects: (t: number) => boolean, inside: number, outside: number): number | null {
  if (!rejects(outside)) return null;
  let [no, yes] = [inside, outside];
  for (let i = 0; i < 30; i++) {
    const middle = (no + yes) / 2;
    if (rejects(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/**
 * The share of the gap that own latents close, with an interval that allows for the best dummy being chosen by the same
 * outcomes: its upper end inverts the test against the mean of the dummies, its lower end those against every one of
 * them. It covers at least as often as it says.
 *
 * @param dummies - Names, in the order of the rows' dummies.
 * @returns null where there are no rows, or the oracle is not better than the best dummy on them.
 *
 * @example
 * const rows = Array.from({ length: 200 }, (_, i) => ({ own: Number(i < 150), oracle: 1, dummies: [Number(i < 50)] }));
 * gapOf(rows, ["mean"], 0.1).closed; // 0.666…
 */
export function gapOf(
  rows: readonly GapRow[],
  dummies: readonly string[],
  share: number,
  alpha = 0.05,
): Gap | null {
  if (rows.length < 2 || dummies.length === 0) return null;
  const rate = (of: (row: GapRow) => number): number => mean(rows.map(of));
  const rates = dummies.map((_, i) => rate((row) => row.dummies[i]!));
  const best = rates.indexOf(Math.max(...rates));
  const [own, oracle] = [rate((row) => row.own), rate((row) => row.oracle)];
  if (oracle <= rates[best]!) return null;
  const closed = (own - rates[best]!) / (oracle - rates[best]!);
  const level = alpha / 2;
  const high = edge((t) => below(gapContrast(rows, t, mean)) < level, closed, RANGE);
  const lows = dummies.map((_, i) =>
    edge((t) => above(gapContrast(rows, t, (each) => each[i]!)) < level, closed, -RANGE),
  );
  const low = lows.includes(null) ? null : Math.min(...(lows as number[]));
  return {
    closed,
    interval: [low, high],
    dummy: dummies[best]!,
    share,
    p: closesLittleP(rows, share),
    n: rows.length,
  };
}

/**
 * Chance that "at most a share t" is shown on n independent examples, where the contrast has this mean and deviation.
 * The value at the bound that the test adds is taken off the mean.
 *
 * @example
 * closesLittlePower(300, { mean: -0.07, deviation: 0.5, bound: 1 }); // 0.746…
 */
export function closesLittlePower(
  n: number,
  { mean, deviation, bound }: Pick<Contrast, "mean" | "deviation" | "bound">,
  alpha = 0.05,
): number {
  const error = Math.max(deviation, 1e-9) * Math.sqrt(n);
  return normalCdf((-n * mean - bound) / error + normalQuantile(alpha));
}
