/**
 * Householder reduction of a symmetric m × m matrix (destroyed; only its lower triangle is used) to a tridiagonal one
 * with the same eigenvalues.
 */
function tridiagonal(a: Float64Array, m: number): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(m);
  const beside = new Float64Array(m);
  const v = new Float64Array(m);
  const w = new Float64Array(m);
  // Columns below this are rounding: a matrix that lacks rank leaves smaller and smaller ones, until squares underflow.
  const nothing = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0) * Number.EPSILON;
  for (let k = 0; k < m - 2; k++) {
    diagonal[k] = a[k * m + k]!;
    let square = 0;
    for (let i = k + 1; i < m; i++) {
      v[i] = a[i * m + k]!;
      square += v[i]! ** 2;
    }
    const norm = Math.sqrt(square);
    if (norm <= nothing) continue;
    const head = v[k + 1]!;
    const alpha = head > 0 ? -norm : norm;
    beside[k] = alpha;
    // The reflection I − 2vvᵀ/|v|² takes the column's tail to (alpha, 0, …); then A ← A − v wᵀ − w vᵀ on what is left.
    v[k + 1] = head - alpha;
    const scale = 1 / (alpha * (alpha - head));
    w.fill(0);
    for (let i = k + 1; i < m; i++) {
      const vi = v[i]!;
      let sum = 0;
      for (let j = k + 1; j < i; j++) {
        const entry = a[i * m + j]!;
        sum += entry * v[j]!;
        w[j]! += entry * vi;
      }
      w[i]! += sum + a[i * m + i]! * vi;
    }
    let overlap = 0;
    for (let i = k + 1; i < m; i++) {
      w[i]! *= scale;
      overlap += w[i]! * v[i]!;
    }
    const half = (overlap * scale) / 2;
    for (let i = k + 1; i < m; i++) w[i]! -= half * v[i]!;
    for (let i = k + 1; i < m; i++) {
      const vi = v[i]!;
      const wi = w[i]!;
      for (let j = k + 1; j <= i; j++) a[i * m + j]! -= vi * w[j]! + wi * v[j]!;
    }
  }
  for (let k = Math.max(0, m - 2); k < m; k++) diagonal[k] = a[k * m + k]!;
  if (m > 1) beside[m - 2] = a[(m - 1) * m + m - 2]!;
  return { diagonal, beside };
}

/**
 * Eigenvalues of a symmetric m × m matrix, descending: Householder reduction, then the implicit QL method with
 * Wilkinson's shifts (Golub & Van Loan §8.3). About 4/3 m³ multiplications.
 *
 * @param symmetric - Row-major; not changed.
 * @throws Error when an eigenvalue does not converge in 60 sweeps (never seen for finite input).
 *
 * @example
 * symmetricEigenvalues(new Float64Array([2, 1, 1, 2]), 2); // Float64Array [3, 1]
 */
export function symmetricEigenvalues(symmetric: Float64Array, m: number): Float64Array {
  const { diagonal: d, beside: e } = tridiagonal(symmetric.slice(), m);
  // Against the size of the whole matrix too: where it lacks rank, neighbors of nothing but rounding never agree. The
  // reduction left rounding of several units in the last place of its largest entries (60 equal rows in four groups did
  // not converge against one), so that is as small as "nothing" can be told.
  let norm = 0;
  for (let i = 0; i < m; i++) norm = Math.max(norm, Math.abs(d[i]!) + Math.abs(e[i] ?? 0));
  for (let low = 0; low < m; low++) {
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (high < m - 1) {
        const size = Math.abs(d[high]!) + Math.abs(d[high + 1]!);
        if (Math.abs(e[high]!) <= Number.EPSILON * Math.max(size, 8 * norm)) break;
        high++;
      }
      if (high === low) break;
      if (sweep === 60) throw new Error("an eigenvalue did not converge; are all entries finite?");
      const slope = (d[low + 1]! - d[low]!) / (2 * e[low]!);
      const far = Math.hypot(slope, 1);
      let g = d[high]! - d[low]! + e[low]! / (slope + (slope < 0 ? -far : far));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let i = high - 1;
      for (; i >= low; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          // The matrix has split in two; start again on the smaller part.
          d[i + 1]! -= shift;
          e[high] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1]! - shift;
        const t = (d[i]! - g) * sine + 2 * cosine * b;
        shift = sine * t;
        d[i + 1] = g + shift;
        g = cosine * t - b;
      }
      if (i >= low) continue;
      d[low]! -= shift;
      e[low] = g;
      e[high] = 0;
    }
  }
  return d.sort().reverse();
}
