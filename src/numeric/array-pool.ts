/** Numbers of an array, at least. */
const PIECE = 1 << 16;

/**
 * Copies short rows into few large arrays: an array of its own costs a row some 300 bytes more.
 *
 * @example
 * const copy = arrayPool(Float32Array);
 * copy(Float32Array.of(1, 2)); // Float32Array [1, 2]
 */
export function arrayPool<A extends Float32Array | Uint8Array>(
  make: new (length: number) => A,
): (row: A) => A {
  let piece = new make(0);
  let used = 0;
  return (row) => {
    if (used + row.length > piece.length) {
      piece = new make(Math.max(PIECE, row.length));
      used = 0;
    }
    const copy = piece.subarray(used, used + row.length) as A;
    copy.set(row);
    used += row.length;
    return copy;
  };
}
