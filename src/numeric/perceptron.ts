import { random } from "../util/index.ts";
import { affineForms } from "./affine.ts";
import { lbfgs } from "./lbfgs.ts";
import type { Matrix } from "./matrix.ts";
import { logSum } from "./softmax-regression.ts";

/** A perceptron with one hidden layer of tanh units. */
interface Perceptron {
  inputs: number;
  hidden: number;
  classes: number;
  /** [hidden, inputs + 1], then [classes, hidden + 1]; the last of each row is its bias. */
  weights: Float64Array;
}

/** Hidden units of one row. */
function unitsOf({ inputs, hidden, weights }: Perceptron, x: Matrix, row: number, into: Float64Array): void {
  affineForms(weights, hidden, inputs, x.values, row * inputs, into);
  for (let h = 0; h < hidden; h++) into[h] = Math.tanh(into[h]!);
}

/** Log-probabilities of the classes from hidden units. */
function classesOf({ inputs, hidden, classes, weights }: Perceptron, units: Float64Array): Float64Array {
  const second = hidden * (inputs + 1);
  const out = new Float64Array(classes);
  affineForms(weights.subarray(second), classes, hidden, units, 0, out);
  const log = logSum(out);
  return out.map((score) => score - log);
}

/**
 * Log-probabilities of the classes for one row.
 *
 * @example
 * const none = { inputs: 1, hidden: 1, classes: 2, weights: new Float64Array(6) };
 * perceptronLogProbabilities(none, { n: 1, d: 1, values: Float64Array.of(3) }, 0); // [-0.693…, -0.693…]
 */
export function perceptronLogProbabilities(model: Perceptron, x: Matrix, row: number): Float64Array {
  const units = new Float64Array(model.hidden);
  unitsOf(model, x, row, units);
  return classesOf(model, units);
}

/** Mean cross-entropy over rows plus ½·penalty·|weights|² (biases free), and its gradient. */
function objective(
  model: Perceptron,
  x: Matrix,
  labels: ArrayLike<number>,
  rows: readonly number[],
  penalty: number,
  gradient: Float64Array,
): number {
  const { inputs, hidden, classes, weights } = model;
  const second = hidden * (inputs + 1);
  const units = new Float64Array(hidden);
  const back = new Float64Array(hidden);
  let loss = 0;
  gradient.fill(0);
  for (const row of rows) {
    unitsOf(model, x, row, units);
    const found = classesOf(model, units);
    loss -= found[labels[row]!]! / rows.length;
    back.fill(0);
    for (let c = 0; c < classes; c++) {
      const error = (Math.exp(found[c]!) - (labels[row] === c ? 1 : 0)) / rows.length;
      const base = second + c * (hidden + 1);
      for (let h = 0; h < hidden; h++) {
        gradient[base + h]! += error * units[h]!;
        back[h]! += error * weights[base + h]!;
      }
      gradient[base + hidden]! += error;
    }
    for (let h = 0; h < hidden; h++) {
      const error = back[h]! * (1 - units[h]! ** 2);
      const base = h * (inputs + 1);
      for (let j = 0; j < inputs; j++) gradient[base + j]! += error * x.values[row * inputs + j]!;
      gradient[base + inputs]! += error;
    }
  }
  for (let i = 0; i < weights.length; i++) {
    const bias = i < second ? i % (inputs + 1) === inputs : (i - second) % (hidden + 1) === hidden;
    if (bias) continue;
    loss += 0.5 * penalty * weights[i]! ** 2;
    gradient[i]! += penalty * weights[i]!;
  }
  return loss;
}

/**
 * Fits a perceptron with one hidden layer on some rows by L-BFGS from a random start: the same seed, the same weights.
 *
 * @param x - [n, D], of standardized columns or smaller.
 *
 * @example
 * const x = { n: 4, d: 2, values: Float64Array.of(1, 1, 1, -1, -1, 1, -1, -1) };
 * const model = fitPerceptron(x, [0, 1, 1, 0], [0, 1, 2, 3], { classes: 2, hidden: 8, penalty: 1e-4, seed: 0 });
 * perceptronLogProbabilities(model, x, 1)[1] > Math.log(0.9); // true: exclusive or, which no linear model has
 */
export function fitPerceptron(
  x: Matrix,
  labels: ArrayLike<number>,
  rows: readonly number[],
  options: { classes: number; hidden: number; penalty: number; seed: number; iterations?: number },
): Perceptron {
  const { classes, hidden, penalty, seed, iterations = 100 } = options;
  const draw = random(seed, "perceptron");
  const scale = (fan: number): number => draw.normal() / Math.sqrt(fan);
  const first = Float64Array.from({ length: hidden * (x.d + 1) }, () => scale(x.d + 1));
  const second = Float64Array.from({ length: classes * (hidden + 1) }, () => scale(hidden + 1));
  const weights = new Float64Array(first.length + second.length);
  weights.set(first);
  weights.set(second, first.length);
  const shape = { inputs: x.d, hidden, classes };
  lbfgs(
    weights,
    (at, gradient) => objective({ ...shape, weights: at }, x, labels, rows, penalty, gradient),
    iterations,
  );
  return { ...shape, weights };
}
