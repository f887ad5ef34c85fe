import { ensure } from "../util/index.ts";

/** n vectors of d numbers, row-major: row i is `values[i * d … (i + 1) * d)`. */
export interface Matrix {
  n: number;
  d: number;
  values: Float32Array | Float64Array;
}

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
 * Scalar product of row i of x with row j of y.
 *
 * @example
 * rowDot(matrix([1, 2, 3, 4], 2, 2), 0, matrix([1, 1], 1, 2), 0); // 3
 */
export function rowDot(x: Matrix, i: number, y: Matrix, j: number): number {
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
    const norm = Math.sqrt(rowDot(x, i, x, i));
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
 * centered(matrix([1, 3], 2, 1))?.values; // Float64Array [-1, 1]
 */
export function centered(x: Matrix): (Matrix & { squares: number }) | null {
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
 * standardized(matrix([1, 5, 3, 5], 2, 2)).values; // Float64Array [-1, 0, 1, 0]
 */
export function standardized({ n, d, values }: Matrix): Matrix {
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
 * The columns that are not 0 throughout, as those of standardized features are where nothing varies: to a linear model they say
 * nothing.
 *
 * @example
 * varyingColumns(matrix([1, 0, -1, 0], 2, 2)).values; // Float64Array [1, -1]
 */
export function varyingColumns({ n, d, values }: Matrix): Matrix {
  const kept: number[] = [];
  for (let j = 0; j < d; j++) {
    let i = 0;
    while (i < n && values[i * d + j] === 0) i++;
    if (i < n) kept.push(j);
  }
  if (kept.length === d || kept.length === 0) return { n, d, values };
  const out = new Float64Array(n * kept.length);
  for (let i = 0; i < n; i++)
    for (const [at, j] of kept.entries()) out[i * kept.length + at] = values[i * d + j]!;
  return { n, d: kept.length, values: out };
}

/**
 * XXᵀ of a matrix, n × n.
 *
 * @example
 * rowProducts(matrix([1, 2, 3, 4], 2, 2)); // Float64Array [5, 11, 11, 25]
 */
export function rowProducts({ n, d, values }: Matrix): Float64Array {
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const a = i * d;
    // Four columns at a time share the loads of row i: three times the speed of one at a time.
    for (let j = 0; j <= i; j += 4) {
      const b = j * d;
      const c = Math.min(j + 1, i) * d;
      const e = Math.min(j + 2, i) * d;
      const f = Math.min(j + 3, i) * d;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < d; k++) {
        const left = values[a + k]!;
        s0 += left * values[b + k]!;
        s1 += left * values[c + k]!;
        s2 += left * values[e + k]!;
        s3 += left * values[f + k]!;
      }
      const sums = [s0, s1, s2, s3];
      for (let t = 0; t < 4 && j + t <= i; t++) {
        gram[i * n + j + t] = sums[t]!;
        gram[(j + t) * n + i] = sums[t]!;
      }
    }
  }
  return gram;
}

/**
 * XᵀX or XXᵀ of a matrix, whichever is smaller: both have the same non-zero eigenvalues.
 *
 * @example
 * smallGram(matrix([1, 2, 3], 1, 3)); // { size: 1, values: Float64Array [14] }
 */
export function smallGram(x: Matrix): { size: number; values: Float64Array } {
  const { n, d, values } = x;
  if (n <= d) return { size: n, values: rowProducts(x) };
  const gram = new Float64Array(d * d);
  for (let row = 0; row < n; row++)
    for (let i = 0; i < d; i++) {
      const left = values[row * d + i]!;
      for (let j = 0; j <= i; j++) gram[i * d + j]! += left * values[row * d + j]!;
    }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[j * d + i] = gram[i * d + j]!;
  return { size: d, values: gram };
}
