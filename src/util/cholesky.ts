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
