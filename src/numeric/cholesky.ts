/**
 * Lower Cholesky factor of a symmetric positive definite matrix [n, n], in place of its lower half; the upper half is
 * left as it was.
 *
 * @example
 * cholesky(Float64Array.of(4, 2, 2, 5), 2)[3]; // 2: of [[2, 0], [1, 2]]
 */
export function cholesky(a: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
  }
  return a;
}

/**
 * Solves L·x = b for every column of b [n, columns], of a lower triangular L; in place.
 *
 * @example
 * solveLower(Float64Array.of(2, 0, 1, 2), 2, Float64Array.of(4, 4), 1); // Float64Array [2, 1]
 */
export function solveLower(factor: Float64Array, n: number, b: Float64Array, columns: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const f = factor[i * n + k]!;
      for (let j = 0; j < columns; j++) b[i * columns + j]! -= f * b[k * columns + j]!;
    }
    for (let j = 0; j < columns; j++) b[i * columns + j]! /= factor[i * n + i]!;
  }
  return b;
}

/**
 * Solves A·x = b for every column of b [n, columns], of the Cholesky factor of A; in place.
 *
 * @example
 * solveCholesky(cholesky(Float64Array.of(4, 2, 2, 5), 2), 2, Float64Array.of(8, 12), 1); // Float64Array [1, 2]
 */
export function solveCholesky(
  factor: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
): Float64Array {
  solveLower(factor, n, b, columns);
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) {
      const f = factor[k * n + i]!;
      for (let j = 0; j < columns; j++) b[i * columns + j]! -= f * b[k * columns + j]!;
    }
    for (let j = 0; j < columns; j++) b[i * columns + j]! /= factor[i * n + i]!;
  }
  return b;
}
