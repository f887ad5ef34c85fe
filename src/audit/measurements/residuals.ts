import { cholesky, type Matrix, rowProducts, solveCholesky, standardized } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { flaw, pairFlaw } from "./matrix.ts";

interface Residuals {
  /** z less what is predicted of it, [n, D]. */
  residuals: Matrix;
  /** Share of the variance of z that is predicted, out of fold; below 0 where the mean would have done better. */
  explained: number;
}

const FOLDS = 5;
/** Penalties tried, on products whose mean over a row with itself is 1, strong to weak. */
const PENALTIES = [10, 1, 0.1, 0.01, 0.001] as const;

/** What remains of rows `judge` of z after a ridge regression on rows `train`: [judge, D], and their squares before it. */
function residualsOf(
  z: Matrix,
  products: Float64Array,
  train: readonly number[],
  judge: readonly number[],
  penalty: number,
): { rows: Float64Array; left: number; before: number } {
  const { n, d, values } = z;
  const m = train.length;
  // Both sides are taken less their means over what is fitted: the regression has a constant.
  const across = Float64Array.from({ length: n }, (_, i) =>
    train.reduce((sum, k) => sum + products[i * n + k]! / m, 0),
  );
  const middle = train.reduce((sum, i) => sum + across[i]! / m, 0);
  const product = (i: number, k: number): number => products[i * n + k]! - across[i]! - across[k]! + middle;
  const mean = new Float64Array(d);
  for (const i of train) for (let j = 0; j < d; j++) mean[j]! += values[i * d + j]! / m;
  const system = new Float64Array(m * m);
  for (const [a, i] of train.entries())
    for (const [b, k] of train.entries()) system[a * m + b] = product(i, k) + (a === b ? penalty : 0);
  const target = new Float64Array(m * d);
  for (const [a, i] of train.entries())
    for (let j = 0; j < d; j++) target[a * d + j] = values[i * d + j]! - mean[j]!;
  const weights = solveCholesky(cholesky(system, m), m, target, d);
  const rows = new Float64Array(judge.length * d);
  let [left, before] = [0, 0];
  for (const [a, i] of judge.entries()) {
    const row = rows.subarray(a * d, (a + 1) * d);
    for (let j = 0; j < d; j++) {
      row[j] = values[i * d + j]! - mean[j]!;
      before += row[j]! ** 2;
    }
    for (const [b, k] of train.entries()) {
      const factor = product(i, k);
      for (let j = 0; j < d; j++) row[j]! -= factor * weights[b * d + j]!;
    }
    for (const value of row) left += value * value;
  }
  return { rows, left, before };
}

/**
 * What of latents z is not predicted by x: z less a ridge regression of z on the standardised columns of x, each row by a
 * regression of other rows. Five folds; in each, three parts fit, one chooses the penalty, then both fit again and the
 * fifth is what remains.
 *
 * Unknown: fewer than 25 rows, values that are not finite, an x without variation.
 *
 * Source: ours. ReaLVR has a residualised cosine; its formula is not in the sources we reached.
 *
 * @param z - [n, D]. @param x - [n, P].
 *
 * @example
 * const x = matrix(Float64Array.from({ length: 40 }, (_, i) => i % 7), 40, 1);
 * const z = matrix(x.values.map((value) => 3 * value + 1), 40, 1);
 * crossFitResiduals(z, x, 0).value.explained > 0.99; // true: z is made of x
 */
export function crossFitResiduals(z: Matrix, x: Matrix, seed: number): Measured<Residuals> {
  const reason = pairFlaw(z, x, 5 * FOLDS);
  if (reason !== null) return unknown(reason);
  const features = standardized(x);
  const products = rowProducts(features);
  const scale = products.reduce((sum, value, i) => sum + (i % (x.n + 1) === 0 ? value / x.n : 0), 0);
  if (!(scale > 0)) return unknown("what latents are predicted from does not vary");
  const scaled = products.map((value) => value / scale);
  const fold = new Array<number>(z.n);
  const order = random(seed, "residuals", "folds").shuffled(fold.fill(0).map((_, i) => i));
  for (const [at, i] of order.entries()) fold[i] = at % FOLDS;
  const rowsIn = (wanted: (fold: number) => boolean): number[] =>
    fold.flatMap((f, i) => (wanted(f) ? [i] : []));
  const residuals: Matrix = { n: z.n, d: z.d, values: new Float64Array(z.n * z.d) };
  let [left, before] = [0, 0];
  for (let test = 0; test < FOLDS; test++) {
    const validation = (test + 1) % FOLDS;
    const fit = rowsIn((f) => f !== test && f !== validation);
    const choose = rowsIn((f) => f === validation);
    const losses = PENALTIES.map((penalty) => residualsOf(z, scaled, fit, choose, penalty).left);
    const best = PENALTIES[losses.indexOf(Math.min(...losses))]!;
    const judged = rowsIn((f) => f === test);
    const found = residualsOf(
      z,
      scaled,
      rowsIn((f) => f !== test),
      judged,
      best,
    );
    left += found.left;
    before += found.before;
    for (const [a, i] of judged.entries())
      residuals.values.set(found.rows.subarray(a * z.d, (a + 1) * z.d), i * z.d);
  }
  if (!(before > 0)) return unknown(`all ${z.n} vectors are equal`);
  const wrong = flaw(residuals);
  return wrong === null ? known({ residuals, explained: 1 - left / before }) : unknown(wrong);
}
