import { createHash } from "node:crypto";
import { ensure } from "../../util/index.ts";

/** n vectors of d numbers, row-major: row i is `values[i * d … (i + 1) * d)`. */
export interface Matrix {
  n: number;
  d: number;
  values: Float32Array | Float64Array;
}

/** Above this many rows *and* columns, spectral and pairwise measurements take this many rows (see `sampleRows`). */
export const MOST_ROWS = 512;

/**
 * A matrix over the given numbers (not copied).
 *
 * @throws LintelError "usage" when the numbers do not fill n × d.
 *
 * @example
 * matrix([1, 0, 0, 1], 2, 2).d; // 2
 */
export function matrix(values: ArrayLike<number>, n: number, d: number): Matrix {
  ensure(values.length === n * d, "usage", () => ({
    where: "matrix",
    expected: `${n} × ${d} = ${n * d} numbers`,
    got: `${values.length}`,
  }));
  const kept =
    values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values);
  return { n, d, values: kept };
}

/**
 * Rows i₀, i₁, … of a matrix, copied.
 *
 * @example
 * selectRows(matrix([1, 2, 3], 3, 1), [2, 0]).values; // Float64Array [3, 1]
 */
export function selectRows(x: Matrix, rows: readonly number[]): Matrix {
  const values = new Float64Array(rows.length * x.d);
  rows.forEach((row, at) => {
    values.set(x.values.subarray(row * x.d, (row + 1) * x.d), at * x.d);
  });
  return { n: rows.length, d: x.d, values };
}

/**
 * Why a cloud of vectors cannot be measured, or null: too few rows, or numbers that are not finite.
 *
 * @example
 * flaw(matrix([1, NaN], 2, 1)); // "1 of 2 vectors is not finite"
 */
export function flaw(x: Matrix, least = 2): string | null {
  if (x.n < least || x.d < 1) return `${x.n} vector${x.n === 1 ? "" : "s"}; at least ${least} are needed`;
  let bad = 0;
  for (let i = 0; i < x.n; i++)
    for (let j = 0; j < x.d; j++)
      if (!Number.isFinite(x.values[i * x.d + j]!)) {
        bad++;
        break;
      }
  return bad === 0 ? null : `${bad} of ${x.n} vectors ${bad === 1 ? "is" : "are"} not finite`;
}

/**
 * Why two clouds cannot be compared row by row, or null.
 *
 * @example
 * pairFlaw(matrix([1, 2], 2, 1), matrix([1, 2], 1, 2)); // "2 vectors against 1"
 */
export function pairFlaw(x: Matrix, y: Matrix, least = 2): string | null {
  if (x.n !== y.n) return `${x.n} vectors against ${y.n}`;
  return flaw(x, least) ?? flaw(y, least);
}

/**
 * Scalar product of row i of x with row j of y.
 *
 * @example
 * dot(matrix([1, 2, 3, 4], 2, 2), 0, matrix([1, 1], 1, 2), 0); // 3
 */
export function dot(x: Matrix, i: number, y: Matrix, j: number): number {
  const a = i * x.d;
  const b = j * y.d;
  let sum = 0;
  for (let k = 0; k < x.d; k++) sum += x.values[a + k]! * y.values[b + k]!;
  return sum;
}

/**
 * The rows scaled to length 1, or the number of rows that have no direction.
 *
 * @example
 * unitRows(matrix([3, 4], 1, 2)).unit?.values; // Float64Array [0.6, 0.8]
 */
export function unitRows(x: Matrix): { unit: Matrix; zeros: 0 } | { unit: null; zeros: number } {
  const values = Float64Array.from(x.values);
  let zeros = 0;
  for (let i = 0; i < x.n; i++) {
    const norm = Math.sqrt(dot(x, i, x, i));
    if (norm === 0) zeros++;
    for (let j = i * x.d; j < (i + 1) * x.d; j++) values[j]! /= norm;
  }
  return zeros > 0 ? { unit: null, zeros } : { unit: { ...x, values }, zeros: 0 };
}

/**
 * The rows less their mean, and the sum of squares left. Null where the rows are equal to within rounding, as nothing
 * remains to be measured then.
 *
 * @example
 * centred(matrix([1, 3], 2, 1))?.values; // Float64Array [-1, 1]
 */
export function centred(x: Matrix): (Matrix & { squares: number }) | null {
  const mean = new Float64Array(x.d);
  let total = 0;
  for (let i = 0; i < x.n; i++)
    for (let j = 0; j < x.d; j++) {
      const value = x.values[i * x.d + j]!;
      mean[j]! += value / x.n;
      total += value * value;
    }
  const values = new Float64Array(x.n * x.d);
  let squares = 0;
  for (let i = 0; i < x.n; i++)
    for (let j = 0; j < x.d; j++) {
      const value = x.values[i * x.d + j]! - mean[j]!;
      values[i * x.d + j] = value;
      squares += value * value;
    }
  return squares <= 1e-24 * total ? null : { n: x.n, d: x.d, values, squares };
}

/**
 * Columns with mean 0 and deviation 1; columns without variation are 0.
 *
 * @example
 * standardised(matrix([1, 5, 3, 5], 2, 2)).values; // Float64Array [-1, 0, 1, 0]
 */
export function standardised({ n, d, values }: Matrix): Matrix {
  const out = new Float64Array(n * d);
  for (let j = 0; j < d; j++) {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) sum += values[i * d + j]!;
    const mean = sum / n;
    for (let i = 0; i < n; i++) squares += (values[i * d + j]! - mean) ** 2;
    const deviation = Math.sqrt(squares / n);
    for (let i = 0; i < n; i++)
      out[i * d + j] = deviation > 1e-12 * Math.abs(mean) ? (values[i * d + j]! - mean) / deviation : 0;
  }
  return { n, d, values: out };
}

/**
 * A digest of each row's numbers: equal rows, equal digests, in single precision or double.
 *
 * @example
 * const [a, b] = contents(matrix([1, 2, 1, 2], 2, 2));
 * a === b; // true
 */
export function contents(x: Matrix): string[] {
  return Array.from({ length: x.n }, (_, i) => {
    // Adding 0 makes one zero of the two.
    const row = Float64Array.from(x.values.subarray(i * x.d, (i + 1) * x.d), (value) => value + 0);
    return createHash("sha256").update(new Uint8Array(row.buffer)).digest("hex");
  });
}

/**
 * Which rows to take where all would be too many: those with the least digests of their content. A sample that is
 * random with respect to meaning, needs no seed, and does not depend on the order of the rows.
 *
 * @returns Ascending row numbers, all of them if there are at most `most`.
 *
 * @example
 * sampleRows(matrix([5, 6, 7], 3, 1), 2).length; // 2
 */
export function sampleRows(x: Matrix, most = MOST_ROWS): number[] {
  const rows = Array.from({ length: x.n }, (_, i) => i);
  if (x.n <= most) return rows;
  const digests = contents(x);
  return rows
    .sort((i, j) => (digests[i]! < digests[j]! ? -1 : digests[i]! > digests[j]! ? 1 : i - j))
    .slice(0, most)
    .sort((i, j) => i - j);
}
