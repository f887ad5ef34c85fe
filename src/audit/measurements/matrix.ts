import { createHash } from "node:crypto";
import { centered, cholesky, type Matrix, selectRows, smallGram } from "../../numeric/index.ts";

/** Above this many rows *and* columns, spectral and pairwise measurements take this many rows (see `sampleRows`). */
export const MOST_ROWS = 512;

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

/**
 * XᵀX or XXᵀ of the centered matrix, whichever is smaller; or why not. With more than 512 rows and columns, of a
 * sample of 512 rows (which bounds every rank by 511).
 *
 * @example
 * centeredGram(matrix([1, -1], 2, 1)); // { size: 1, values: Float64Array [2] }
 */
export function centeredGram(x: Matrix): { size: number; values: Float64Array } | string {
  const reason = flaw(x);
  if (reason !== null) return reason;
  const kept = Math.min(x.n, x.d) > MOST_ROWS ? selectRows(x, sampleRows(x)) : x;
  const moved = centered(kept);
  return moved === null ? `all ${kept.n} vectors are equal` : smallGram(moved);
}

/**
 * The same points in n dimensions: the Cholesky factor of their scalar products, which are all that distances, and linear
 * probes with a penalty on squares, depend on.
 *
 * @example
 * fewer(matrix([3, 4, 0], 1, 3)).values[0]; // ≈ 5
 */
export function fewer(x: Matrix): Matrix {
  const { n, d, values } = x;
  if (d <= n) return x;
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += values[i * d + k]! * values[j * d + k]!;
      products[i * n + j] = sum;
    }
  // Centered columns make the products singular by one.
  let trace = 0;
  for (let i = 0; i < n; i++) trace += products[i * n + i]!;
  for (let i = 0; i < n; i++) products[i * n + i]! += 1e-9 * (trace / n || 1);
  const factor = cholesky(products, n);
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) factor[i * n + j] = 0;
  return { n, d: n, values: factor };
}
