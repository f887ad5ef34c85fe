import { affineForms } from "./affine.ts";
import type { Matrix } from "./matrix.ts";

/** Weights [classes, d + 1]; the last of each row is its bias. */
export type Weights = Float64Array;

/**
 * log Σ exp of scores.
 *
 * @example
 * logSum(Float64Array.of(0, 0)); // 0.693…
 */
export function logSum(scores: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const score of scores) top = Math.max(top, score);
  let total = 0;
  for (const score of scores) total += Math.exp(score - top);
  return top + Math.log(total);
}

/**
 * Log-probabilities of the classes for one row.
 *
 * @example
 * logProbabilities(new Float64Array(4), 2, { n: 1, d: 1, values: Float64Array.of(3) }, 0); // [-0.693…, -0.693…]: twice the log of 1 / 2
 */
export function logProbabilities(weights: Weights, classes: number, x: Matrix, row: number): Float64Array {
  const out = new Float64Array(classes);
  affineForms(weights, classes, x.d, x.values, row * x.d, out);
  const log = logSum(out);
  return out.map((score) => score - log);
}

/** Largest eigenvalue of XᵀX / n with a column of ones, from above enough for a step size: a few power iterations. */
function curvature(x: Matrix, rows: readonly number[]): number {
  const { d, values } = x;
  let v = new Float64Array(d + 1).fill(1 / Math.sqrt(d + 1));
  let norm = 0;
  for (let iteration = 0; iteration < 12; iteration++) {
    const next = new Float64Array(d + 1);
    for (const row of rows) {
      let s = v[d]!;
      for (let j = 0; j < d; j++) s += v[j]! * values[row * d + j]!;
      for (let j = 0; j < d; j++) next[j]! += s * values[row * d + j]!;
      next[d]! += s;
    }
    norm = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0)) / rows.length;
    const scale = 1 / (norm * rows.length || 1);
    v = next.map((value) => value * scale);
  }
  return 1.2 * norm;
}

/**
 * Multinomial logistic regression on some rows: mean cross-entropy plus ½·`penalty`·|weights|² (biases free), by
 * accelerated gradient descent with restarts.
 *
 * @param start - Weights to go on from; zeros without.
 *
 * Source: Nesterov 1983; O'Donoghue & Candès 2015 (restarts).
 *
 * @example
 * const x = { n: 2, d: 1, values: Float64Array.of(-1, 1) };
 * const weights = fitSoftmaxRegression(x, [0, 1], [0, 1], 2, 0.01);
 * logProbabilities(weights, 2, x, 1)[1] > Math.log(0.9); // true
 */
export function fitSoftmaxRegression(
  x: Matrix,
  labels: ArrayLike<number>,
  rows: readonly number[],
  classes: number,
  penalty: number,
  { iterations = 100, start }: { iterations?: number; start?: Weights } = {},
): Weights {
  const { d, values } = x;
  // The softmax's curvature is at most ½ that of the squares.
  const step = 1 / (0.5 * curvature(x, rows) + penalty);
  let weights = start ? start.slice() : new Float64Array(classes * (d + 1));
  let ahead = weights.slice();
  let momentum = 1;
  const scores = new Float64Array(classes);
  const gradient = new Float64Array(weights.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    gradient.fill(0);
    for (const row of rows) {
      // As logProbabilities, without a new array for each row.
      const from = row * d;
      affineForms(ahead, classes, d, values, from, scores);
      const log = logSum(scores);
      for (let c = 0; c < classes; c++) {
        const error = (Math.exp(scores[c]! - log) - (labels[row] === c ? 1 : 0)) / rows.length;
        const base = c * (d + 1);
        for (let j = 0; j < d; j++) gradient[base + j]! += error * values[from + j]!;
        gradient[base + d]! += error;
      }
    }
    for (let c = 0; c < classes; c++)
      for (let j = 0; j < d; j++) gradient[c * (d + 1) + j]! += penalty * ahead[c * (d + 1) + j]!;
    const next = ahead.map((w, i) => w - step * gradient[i]!);
    let uphill = 0;
    for (let i = 0; i < next.length; i++) uphill += gradient[i]! * (next[i]! - weights[i]!);
    const after = uphill > 0 ? 1 : (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const pull = uphill > 0 ? 0 : (momentum - 1) / after;
    ahead = next.map((w, i) => w + pull * (w - weights[i]!));
    weights = next;
    momentum = after;
  }
  return weights;
}
