import {
  fitPerceptron,
  fitSoftmaxRegression,
  largest,
  logProbabilities,
  type Matrix,
  perceptronLogProbabilities,
  smallest,
  standardized,
  varyingColumns,
  type Weights,
} from "../../numeric/index.ts";
import {
  clusterWorth,
  type Interval,
  known,
  type Measured,
  shareInterval,
  unknown,
  wilson,
} from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { foldsOf, groupsWith, NOT_PERMUTED, permutedBetween } from "./groups.ts";
import { fewer, flaw } from "./matrix.ts";

interface Probe {
  /** Out-of-fold accuracy: every example is judged by a probe that has seen neither it nor another of its group. */
  accuracy: number;
  interval: Interval | null;
  /** The same with labels shuffled among the examples (between groups): what the probe finds where nothing is. */
  shuffled: number | null;
  /** Accuracy of always naming the most frequent label. */
  majority: number;
  /** Out-of-fold cross-entropy and entropy of the labels, nats; their difference bounds the information from below. */
  crossEntropy: number;
  information: number;
  classes: number;
  n: number;
  /** Only where examples share images: groups, and as how many equal ones they count. */
  groups?: number;
  effective?: number;
  reasons?: Record<string, string>;
  /** Per row: whether the probe that did not see it was right. */
  right: readonly boolean[];
}

const FOLDS = 5;
/** Penalties tried, strong to weak; the validation part chooses. */
const PENALTIES = [0.3, 0.03, 0.003] as const;

/** A classifier fitted to some rows: the log-probabilities of a row. */
type Fitted = (row: number) => Float64Array;

/** Fits a classifier of one penalty after another; a fit may start from the one before. */
type Family = (
  x: Matrix,
  labels: readonly number[],
  train: readonly number[],
  classes: number,
) => (penalty: number) => Fitted;

const linear: Family = (x, labels, train, classes) => {
  let start: Weights | undefined;
  return (penalty) => {
    const weights = fitSoftmaxRegression(x, labels, train, classes, penalty, {
      ...(start && { start }),
      iterations: 60,
    });
    start = weights;
    return (row) => logProbabilities(weights, classes, x, row);
  };
};

/** Hidden units of a perceptron. */
const HIDDEN = 8;

const perceptron =
  (seed: number): Family =>
  (x, labels, train, classes) =>
  (penalty) => {
    const model = fitPerceptron(x, labels, train, {
      classes,
      hidden: HIDDEN,
      penalty: penalty / 10,
      seed,
      iterations: 60,
    });
    return (row) => perceptronLogProbabilities(model, x, row);
  };

/** Each row's log-probabilities by a probe of the other folds; one of those chooses the penalty. */
function outOfFold(
  x: Matrix,
  labels: readonly number[],
  classes: number,
  seed: number,
  family: Family,
  groups: readonly string[] | null,
): Float64Array[] {
  const fold = foldsOf(labels, groups, FOLDS, random(seed, "probe", "folds"));
  const out: Float64Array[] = labels.map(() => new Float64Array(classes));
  for (let test = 0; test < FOLDS; test++) {
    const validation = (test + 1) % FOLDS;
    const train = labels.flatMap((_, i) => (fold[i] === test || fold[i] === validation ? [] : [i]));
    const judge = labels.flatMap((_, i) => (fold[i] === validation ? [i] : []));
    let best: { fitted: Fitted; loss: number } | null = null;
    const fitWith = family(x, labels, train, classes);
    for (const penalty of PENALTIES) {
      const fitted = fitWith(penalty);
      const loss = -judge.reduce((sum, i) => sum + fitted(i)[labels[i]!]!, 0);
      if (!best || loss < best.loss) best = { fitted, loss };
    }
    for (const [i, f] of fold.entries()) if (f === test) out[i] = best!.fitted(i);
  }
  return out;
}

const judged = (found: readonly Float64Array[], labels: readonly number[]): boolean[] =>
  found.map((p, i) => p.indexOf(largest(p)) === labels[i]);

/** A probe of any family; folds and permuted labels depend on the seed, the labels and the groups alone. */
function probe(
  x: Matrix,
  labels: readonly number[],
  seed: number,
  family: Family,
  groups: readonly string[] | null,
): Measured<Probe> {
  const { n } = x;
  if (n < 5 * FOLDS) return unknown(`${n} examples; a probe needs at least ${5 * FOLDS}`);
  const wrong = flaw(x);
  if (wrong !== null) return unknown(wrong);
  const classes = largest(labels) + 1;
  const counts = Array.from({ length: classes }, (_, c) => labels.filter((label) => label === c).length);
  if (classes < 2) return unknown("one label only");
  const least = smallest(counts);
  if (least < FOLDS)
    return unknown(`a label with ${least} examples; a probe needs at least ${FOLDS} of each`);
  const leastGroups = smallest([...groupsWith(labels, groups).values()]);
  if (leastGroups < FOLDS)
    return unknown(
      `a label in ${leastGroups} groups of examples that share images; a probe needs at least ${FOLDS}`,
    );
  const features = fewer(varyingColumns(standardized(x)));
  const found = outOfFold(features, labels, classes, seed, family, groups);
  const right = judged(found, labels);
  const permuted = permutedBetween(labels, groups, random(seed, "probe", "shuffled"));
  const control = permuted && judged(outOfFold(features, permuted, classes, seed, family, groups), permuted);
  const share = (hits: readonly boolean[]): number => hits.filter(Boolean).length / n;
  const crossEntropy = -found.reduce((sum, p, i) => sum + p[labels[i]!]!, 0) / n;
  const entropy = -counts.reduce((sum, count) => sum + (count / n) * Math.log(count / n), 0);
  const interval = groups
    ? shareInterval(right, groups, 0.05)
    : wilson(right.filter(Boolean).length, n, 0.05);
  const reasons = {
    ...(interval.value === null && { interval: interval.reason }),
    ...(control === null && { shuffled: NOT_PERMUTED }),
  };
  const worth = groups && clusterWorth(right.map(Number), groups).value;
  return known({
    accuracy: share(right),
    interval: interval.value,
    shuffled: control && share(control),
    majority: largest(counts) / n,
    crossEntropy,
    information: Math.max(0, entropy - crossEntropy),
    classes,
    n,
    ...(groups && { groups: new Set(groups).size, effective: worth?.effective ?? 1 }),
    ...(Object.keys(reasons).length > 0 && { reasons }),
    right,
  });
}

/**
 * How well a linear classifier reads labels out of vectors: multinomial logistic regression on standardised features,
 * fivefold; in each fold three parts train, one chooses the penalty, one is judged.
 *
 * @param x - [n, D]. @param labels - Class numbers 0, 1, … @param groups - Group of each example (the digest of its images),
 * null where each is alone. A group is in one fold, labels are shuffled between groups, and the interval allows for them.
 *
 * Unknown: fewer than 25 examples, one class only, a class with fewer than 5 examples or groups, vectors that are not finite.
 *
 * Source: PRISM, arXiv 2606.05753, axis 1 (docs/published-families.md §15.4); the validation part and the shuffled control are ours.
 *
 * @example
 * const x = { n: 40, d: 1, values: Float64Array.from({ length: 40 }, (_, i) => (i % 2) + 0.001 * i) };
 * linearProbe(x, Array.from({ length: 40 }, (_, i) => i % 2), 0).value.accuracy; // 1
 */
export function linearProbe(
  x: Matrix,
  labels: readonly number[],
  seed: number,
  groups: readonly string[] | null = null,
): Measured<Probe> {
  return probe(x, labels, seed, linear, groups);
}

/**
 * The same with a perceptron of one hidden layer (8 tanh units): what is there, but not along a line. Folds, penalties (a tenth of them) and permuted labels are those of
 * `linearProbe`, so that the two can be compared example by example.
 *
 * Source: docs/published-families.md §19.3 (10), "MLP beside linear probes"; its size is ours.
 *
 * @example
 * const x = { n: 80, d: 2, values: Float64Array.from({ length: 160 }, (_, i) => ((i >> 1) >> (i & 1)) & 1) };
 * const either = Array.from({ length: 80 }, (_, i) => (i ^ (i >> 1)) & 1);
 * mlpProbe(x, either, 0).value.accuracy; // 1
 */
export function mlpProbe(
  x: Matrix,
  labels: readonly number[],
  seed: number,
  groups: readonly string[] | null = null,
): Measured<Probe> {
  return probe(x, labels, seed, perceptron(seed), groups);
}
