/** PRISM's probe to the letter: its folds, its scaling, its one penalty. Comparable with published figures; `probe.ts` is ours. */
import {
  largest,
  lbfgs,
  logProbabilities,
  type Matrix,
  mersenneTwister,
  seededState,
  smallest,
  type Weights,
} from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { fewer, flaw } from "./matrix.ts";

interface PrismProbe {
  /** Mean of the folds' accuracies, and their standard deviation. */
  accuracy: number;
  deviation: number;
  /** Out of fold, nats. */
  crossEntropy: number;
  /** max(0, entropy of the labels − cross-entropy), nats. */
  information: number;
  folds: number;
  classes: number;
  n: number;
}

const FOLDS = 5;
const SEED = 42;
/** Of L-BFGS; with the tolerance they leave the cross-entropy within 2e-7 of the optimum. */
const ITERATIONS = 1000;
const TOLERANCE = 1e-15;

/** In place, as RandomState.shuffle: from the end, an index by masked rejection. */
function shuffle(values: number[], word: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = (word() & mask) >>> 0;
    while (j > i) j = (word() & mask) >>> 0;
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
}

/**
 * The fold of each example under scikit-learn's `StratifiedKFold(folds, shuffle=True, random_state=seed)`.
 *
 * @param labels - Class numbers.
 *
 * Source: scikit-learn 1.9, model_selection/_split.py.
 *
 * @example
 * stratifiedFolds([0, 1, 0, 1], 2, 42); // [1, 0, 0, 1]
 */
export function stratifiedFolds(labels: readonly number[], folds: number, seed: number): number[] {
  const order = [...new Set(labels)];
  const sorted = labels.map((label) => order.indexOf(label)).sort((a, b) => a - b);
  const word = mersenneTwister(seededState(seed));
  const out = labels.map(() => 0);
  for (const [k, label] of order.entries()) {
    const shares = Array.from(
      { length: folds },
      (_, fold) => sorted.filter((each, at) => each === k && at % folds === fold).length,
    );
    const own = shares.flatMap((share, fold) => Array<number>(share).fill(fold));
    shuffle(own, word);
    let next = 0;
    for (const [i, each] of labels.entries()) if (each === label) out[i] = own[next++]!;
  }
  return out;
}

/** Columns less their mean over some rows, over their deviation there; constant ones (scikit-learn's bound) are 0. */
function scaledBy({ n, d, values }: Matrix, rows: readonly number[]): Matrix {
  const out = new Float64Array(n * d);
  for (let j = 0; j < d; j++) {
    const mean = rows.reduce((sum, i) => sum + values[i * d + j]!, 0) / rows.length;
    const square = rows.reduce((sum, i) => sum + (values[i * d + j]! - mean) ** 2, 0) / rows.length;
    const rounding = rows.length * Number.EPSILON * square + (rows.length * mean * Number.EPSILON) ** 2;
    const scale = square > rounding ? Math.sqrt(square) : 1;
    for (let i = 0; i < n; i++) out[i * d + j] = (values[i * d + j]! - mean) / scale;
  }
  return { n, d, values: out };
}

/** Mean cross-entropy plus ½·`penalty`·|weights|² at its smallest; biases are free. */
function fitted(
  x: Matrix,
  labels: readonly number[],
  rows: readonly number[],
  classes: number,
  penalty: number,
): Weights {
  const { d, values } = x;
  const weights = new Float64Array(classes * (d + 1));
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    gradient.fill(0);
    for (const row of rows) {
      const p = logProbabilities(at, classes, x, row);
      loss -= p[labels[row]!]! / rows.length;
      for (let c = 0; c < classes; c++) {
        const error = (Math.exp(p[c]!) - (labels[row] === c ? 1 : 0)) / rows.length;
        const base = c * (d + 1);
        for (let j = 0; j < d; j++) gradient[base + j]! += error * values[row * d + j]!;
        gradient[base + d]! += error;
      }
    }
    for (let i = 0; i < at.length; i++) {
      if (i % (d + 1) === d) continue;
      loss += (penalty / 2) * at[i]! ** 2;
      gradient[i]! += penalty * at[i]!;
    }
    return loss;
  };
  lbfgs(weights, objective, ITERATIONS, TOLERANCE);
  return weights;
}

/**
 * Multinomial logistic regression with C = 1 on columns standardized within each of five stratified folds. No penalty is
 * chosen, and examples that share images may be in different folds: for comparison with published figures alone.
 *
 * @param x - [n, D]. @param labels - Class numbers 0, 1, …
 *
 * Source: PRISM, arXiv 2606.05753, `_train_cell` of interpretability/probe_train.py (commit a5b6504).
 *
 * @example
 * const x = { n: 40, d: 1, values: Float64Array.from({ length: 40 }, (_, i) => i % 2) };
 * prismProbe(x, Array.from({ length: 40 }, (_, i) => i % 2)).value.accuracy; // 1
 */
export function prismProbe(x: Matrix, labels: readonly number[]): Measured<PrismProbe> {
  const { n } = x;
  const wrong = flaw(x);
  if (wrong !== null) return unknown(wrong);
  const classes = largest(labels) + 1;
  const counts = Array.from({ length: classes }, (_, c) => labels.filter((label) => label === c).length);
  const folds = Math.min(FOLDS, smallest(counts));
  if (n < 2 * FOLDS || classes < 2 || folds < 2)
    return unknown(
      `${n} examples of ${classes} labels; PRISM's probe needs ${2 * FOLDS}, and 2 of each label`,
    );
  const fold = stratifiedFolds(labels, folds, SEED);
  const rates: number[] = [];
  let loss = 0;
  for (let test = 0; test < folds; test++) {
    const train = fold.flatMap((each, i) => (each === test ? [] : [i]));
    const features = fewer(scaledBy(x, train));
    // With two classes scikit-learn has one vector of weights, whose square is twice that of the two here.
    const penalty = (classes === 2 ? 2 : 1) / train.length;
    const weights = fitted(features, labels, train, classes, penalty);
    let right = 0;
    for (const [i, each] of fold.entries()) {
      if (each !== test) continue;
      const p = logProbabilities(weights, classes, features, i);
      loss -= p[labels[i]!]!;
      if (p.indexOf(largest(p)) === labels[i]) right++;
    }
    rates.push(right / (n - train.length));
  }
  const accuracy = rates.reduce((sum, rate) => sum + rate, 0) / folds;
  const square = rates.reduce((sum, rate) => sum + (rate - accuracy) ** 2, 0) / folds;
  const entropy = -counts.reduce((sum, count) => sum + (count / n) * Math.log(count / n), 0);
  return known({
    accuracy,
    deviation: Math.sqrt(square),
    crossEntropy: loss / n,
    information: Math.max(0, entropy - loss / n),
    folds,
    classes,
    n,
  });
}
