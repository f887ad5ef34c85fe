/** Codes by k-means (Lloyd, 1982), started by k-means++ (Arthur & Vassilvitskii, 2007). */
import { sum } from "../../numeric/index.ts";
import type { Random } from "../../util/index.ts";

/** Rows that codes are fitted to at most: more move the codes of a few hundred hardly. */
const ENOUGH = 4000;
const ROUNDS = 10;

const distance = (a: Float32Array, at: number, b: Float32Array, bt: number, size: number): number => {
  let sum = 0;
  for (let d = 0; d < size; d++) sum += (a[at + d]! - b[bt + d]!) ** 2;
  return sum;
};

/**
 * Columns of a matrix [n, width] cut into `groups` equal parts, [n, width / groups] each.
 *
 * @example
 * partsOf(Float32Array.of(1, 2, 3, 4), 2, 2); // [Float32Array [1, 3], Float32Array [2, 4]]
 */
export function partsOf(rows: Float32Array, width: number, groups: number): Float32Array[] {
  const size = width / groups;
  const n = rows.length / width;
  return Array.from({ length: groups }, (_, g) => {
    const part = new Float32Array(n * size);
    for (let i = 0; i < n; i++) {
      part.set(rows.subarray(i * width + g * size, i * width + (g + 1) * size), i * size);
    }
    return part;
  });
}

/**
 * Number of the code nearest to a row.
 *
 * @example
 * nearestCode(Float32Array.of(0, 5, 9), 1, Float32Array.of(6)); // 1
 */
export function nearestCode(codes: Float32Array, size: number, row: Float32Array): number {
  let best = 0;
  let least = Infinity;
  for (let c = 0; c < codes.length / size; c++) {
    const d = distance(codes, c * size, row, 0, size);
    if (d < least) [best, least] = [c, d];
  }
  return best;
}

/**
 * `count` codes [count, size] for rows [n, size]. Where there are no more different rows than codes, these are the codes,
 * and the rest repeat them.
 *
 * @example
 * pickCodes(Float32Array.of(1, 1, 5), 1, 2, random(0, "codes")).sort(); // Float32Array [1, 5]
 */
export function pickCodes(rows: Float32Array, size: number, count: number, r: Random): Float32Array {
  const n = rows.length / size;
  const order = r.shuffled(Array.from({ length: n }, (_, i) => i)).slice(0, ENOUGH);
  const codes = new Float32Array(count * size);
  const put = (c: number, row: number) => codes.set(rows.subarray(row * size, (row + 1) * size), c * size);
  put(0, order[0]!);
  const near = Float64Array.from(order, (i) => distance(rows, i * size, codes, 0, size));
  for (let c = 1; c < count; c++) {
    const total = sum(near);
    let left = r.uniform() * total;
    let pick = 0;
    while (pick < near.length - 1 && left >= near[pick]!) left -= near[pick++]!;
    put(c, order[pick]!);
    for (const [j, i] of order.entries()) {
      near[j] = Math.min(near[j]!, distance(rows, i * size, codes, c * size, size));
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(codes.length);
    const counts = new Int32Array(count);
    for (const i of order) {
      const c = nearestCode(codes, size, rows.subarray(i * size, (i + 1) * size));
      counts[c]!++;
      for (let d = 0; d < size; d++) sums[c * size + d]! += rows[i * size + d]!;
    }
    for (let c = 0; c < count; c++) {
      if (counts[c]) for (let d = 0; d < size; d++) codes[c * size + d] = sums[c * size + d]! / counts[c]!;
    }
  }
  return codes;
}
