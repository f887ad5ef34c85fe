/** Many short rows of numbers in few large arrays. */

/** Numbers of an array, at least. */
const PIECE = 1 << 16;

/**
 * Copies rows into large arrays: an array of its own costs a row some 200 bytes more, and a part of another's keeps all of it.
 *
 * @example
 * const copy = floatPool();
 * copy(Float32Array.of(1, 2)); // Float32Array [1, 2]
 */
export function floatPool(): (row: Float32Array) => Float32Array {
  let piece = new Float32Array(0);
  let used = 0;
  return (row) => {
    if (used + row.length > piece.length) {
      piece = new Float32Array(Math.max(PIECE, row.length));
      used = 0;
    }
    const copy = piece.subarray(used, used + row.length);
    copy.set(row);
    used += row.length;
    return copy;
  };
}
