import { cholesky, solveCholesky } from "../numeric/index.ts";
import type { Stencil } from "./template.ts";

/**
 * Regressors of a color: its channels, their largest and their smallest. Inversion, changes of contrast and hue, sepia and
 * gray are linear in them, and so is an HSV hue shift by multiples of 60°.
 */
export const REGRESSORS = 5;
/** With the 3 × 3 means of the channels a small blur is linear too. */
export const BLURRED = 8;

/** Relative ridge: the channels of a gray window are collinear. */
const RIDGE = 1e-5;
/** A window with less variance than this per cell and regressor (0 … 255 squared) is flat. */
const FLAT = 1;

/** The regressors of each cell of a grid of colors, [cells × 5 or 8]. */
export function regressorsOf(
  means: Float32Array,
  columns: number,
  rows: number,
  blurred: boolean,
): Float32Array {
  const width = blurred ? BLURRED : REGRESSORS;
  const out = new Float32Array(columns * rows * width);
  for (let i = 0; i < columns * rows; i++) {
    const [r, g, b] = [means[3 * i]!, means[3 * i + 1]!, means[3 * i + 2]!];
    out.set([r, g, b, Math.max(r, g, b), Math.min(r, g, b)], i * width);
  }
  if (!blurred) return out;
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      let count = 0;
      for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++, count++) {
          for (let c = 0; c < 3; c++) out[i * width + REGRESSORS + c]! += means[3 * (v * columns + u) + c]!;
        }
      }
      for (let c = 0; c < 3; c++) out[i * width + REGRESSORS + c]! /= count;
    }
  }
  return out;
}

/** Solves (G + ridge) x = v for several right-hand sides, [n × sides], in place; false where G is all zero. */
function solve(gram: Float64Array, n: number, sides: Float64Array, count: number): boolean {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i]!;
  if (!(trace > 0)) return false;
  for (let i = 0; i < n; i++) gram[i * n + i]! += (RIDGE * trace) / n;
  cholesky(gram, n);
  solveCholesky(gram, n, sides, count);
  return true;
}

/**
 * The lower half of XᵀX and all of XᵀY: X the centered regressors of the cells `at` + `base`, with `constant` a column of
 * ones behind them; Y [cells × 3].
 */
function normalEquations(
  regressors: Float32Array,
  width: number,
  mean: Float64Array,
  at: Int32Array,
  base: number,
  values: ArrayLike<number>,
  constant: boolean,
): { gram: Float64Array; cross: Float64Array } {
  const n = constant ? width + 1 : width;
  const gram = new Float64Array(n * n);
  const cross = new Float64Array(n * 3);
  const row = new Float64Array(n).fill(1);
  for (let k = 0; k < at.length; k++) {
    const from = (at[k]! + base) * width;
    for (let i = 0; i < width; i++) row[i] = regressors[from + i]! - mean[i]!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) gram[i * n + j]! += row[i]! * row[j]!;
      for (let c = 0; c < 3; c++) cross[i * 3 + c]! += row[i]! * values[3 * k + c]!;
    }
  }
  return { gram, cross };
}

/**
 * Multiple correlation of a stencil's colors with a window's, adjusted for the number of regressors: 1 where the stencil is
 * a recolored copy of the window.
 *
 * @param regressors - Of the grid (see `regressorsOf`), [cells × width].
 * @param at - Number of the cell that each cell of the stencil is compared with, less `base`.
 * @returns 0 … 1; 0 where the window is flat.
 *
 * Source: the adjusted R² of multivariate linear regression (Seber & Lee 2003, section 4.4); the root is taken so that it
 * compares with a correlation.
 */
export function recoloredCorrelation(
  stencil: Stencil,
  regressors: Float32Array,
  width: number,
  at: Int32Array,
  base = 0,
): number {
  const { values, power } = stencil;
  const count = at.length;
  if (count <= width + 1 || power === 0) return 0;
  const mean = new Float64Array(width);
  for (let k = 0; k < count; k++) {
    const from = (at[k]! + base) * width;
    for (let i = 0; i < width; i++) mean[i]! += regressors[from + i]!;
  }
  for (let i = 0; i < width; i++) mean[i]! /= count;
  const { gram, cross } = normalEquations(regressors, width, mean, at, base, values, false);
  let variance = 0;
  for (let i = 0; i < 3; i++) variance += gram[i * width + i]!;
  if (variance < FLAT * count) return 0;
  const weights = cross.slice();
  if (!solve(gram, width, weights, 3)) return 0;
  let explained = 0;
  for (let i = 0; i < weights.length; i++) explained += weights[i]! * cross[i]!;
  const unexplained = Math.max(0, 1 - explained / power);
  return Math.sqrt(Math.max(0, 1 - (unexplained * (count - 1)) / (count - 1 - width)));
}

/** A linear map of colors: [6 × 3], the last row the constant. */
export type Recoloring = Float64Array;

/**
 * The least-squares map from the colors of one grid to those of another.
 *
 * @param from - [cells × 3], 0 … 255.
 * @param to - [cells × 3].
 * @returns null where `from` has one color.
 */
export function recoloring(from: Float32Array, to: Float32Array): Recoloring | null {
  const count = from.length / 3;
  const regressors = regressorsOf(from, count, 1, false);
  const n = REGRESSORS + 1;
  const mean = new Float64Array(REGRESSORS);
  for (let k = 0; k < count; k++)
    for (let i = 0; i < REGRESSORS; i++) mean[i]! += regressors[k * REGRESSORS + i]! / count;
  const cells = Int32Array.from({ length: count }, (_, k) => k);
  const { gram, cross } = normalEquations(regressors, REGRESSORS, mean, cells, 0, to, true);
  if (gram[0]! + gram[n + 1]! + gram[2 * n + 2]! < FLAT * count) return null;
  if (!solve(gram, n, cross, 3)) return null;
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < REGRESSORS; i++) cross[REGRESSORS * 3 + c]! -= cross[i * 3 + c]! * mean[i]!;
  return cross;
}

/**
 * Colors under a map, not cut off.
 *
 * @param colors - [cells × 3].
 */
export function recoloredValues(colors: Float32Array | Uint8Array, map: Recoloring): Float32Array {
  const out = new Float32Array(colors.length);
  for (let i = 0; i < colors.length; i += 3) {
    const [r, g, b] = [colors[i]!, colors[i + 1]!, colors[i + 2]!];
    const row = [r, g, b, Math.max(r, g, b), Math.min(r, g, b), 1];
    for (let c = 0; c < 3; c++) {
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k]! * map[3 * k + c]!;
      out[i + c] = sum;
    }
  }
  return out;
}

/** Pixels under a map of colors, cut to 0 … 255. */
export const recolored = (pixels: Uint8Array, map: Recoloring): Uint8Array =>
  Uint8Array.from(recoloredValues(pixels, map), (value) => Math.max(0, Math.min(255, Math.round(value))));
