/** Compaction of a batch: rows that have ended are removed, so that a step costs only what the remaining rows need. */
import { float32, type Value } from "../../graph/index.ts";
import type { ContinuationCache } from "../../qwen/index.ts";

/** Packing copies all keys and values of the continuations: only where half of the places or more go. */
const LEAST_SAVING = 2;
/** A single continuation has caches of another form (`InPlaceCache`), and is not worth a separate case. */
const FEWEST = 2;

/**
 * Places for each of `batch` examples that are enough for the rows that still write; null where packing them is not
 * worth it.
 */
export function compactSize(writing: readonly boolean[], batch: number): number | null {
  const n = writing.length / batch;
  let most = FEWEST;
  for (let b = 0; b < batch; b++) {
    most = Math.max(most, writing.slice(b * n, (b + 1) * n).filter(Boolean).length);
  }
  return most * LEAST_SAVING <= n ? most : null;
}

/**
 * The rows that occupy `fewer` positions of each example: first those that still write, in their order, then any others.
 *
 * @example
 * compactRows([false, false, true, true, true, false, false, false], 2, 2); // [2, 3, 4, 5]
 */
export function compactRows(writing: readonly boolean[], batch: number, fewer: number): number[] {
  const n = writing.length / batch;
  return Array.from({ length: batch }, (_, b) => {
    const rows = Array.from({ length: n }, (_, i) => b * n + i);
    return [...rows.filter((r) => writing[r]), ...rows.filter((r) => !writing[r])].slice(0, fewer);
  }).flat();
}

/** The continuations `rows` of a suffix, the same number for every example, in the order of examples. */
export function gatherContinuations(
  suffix: ContinuationCache,
  batch: number,
  rows: readonly number[],
): ContinuationCache {
  const { continuations, length } = suffix;
  const fewer = rows.length / batch;
  const gathered = (value: Value): Value => {
    const [outer, , , d] = value.shape as [number, number, number, number];
    const heads = outer / batch;
    const [from, size] = [value.data as Float32Array, length * d];
    const out = new Float32Array(batch * heads * fewer * size);
    for (const [i, r] of rows.entries()) {
      const b = Math.floor(r / continuations);
      for (let h = 0; h < heads; h++) {
        const at = ((b * heads + h) * continuations + (r % continuations)) * size;
        out.set(from.subarray(at, at + size), ((b * heads + h) * fewer + (i % fewer)) * size);
      }
    }
    return float32(out, [batch * heads, fewer, length, d]);
  };
  return { continuations: fewer, length, k: suffix.k.map(gathered), v: suffix.v.map(gathered) };
}
