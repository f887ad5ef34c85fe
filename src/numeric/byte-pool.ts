/** Many short byte strings in few large arrays. */

/** Bytes of an array, at least. */
const PIECE = 1 << 20;

/** Byte strings by the number of their order. */
interface BytePool {
  /** Copies bytes; gives their place. */
  add(bytes: Uint8Array): number;
  /** The bytes of a place, not copied. */
  at(place: number): Uint8Array;
}

/**
 * An empty pool: an array of its own costs a byte string some 400 bytes more.
 *
 * @example
 * const pool = bytePool();
 * pool.at(pool.add(Uint8Array.of(1, 2))); // Uint8Array [1, 2]
 */
export function bytePool(): BytePool {
  const pieces = [new Uint8Array(PIECE)];
  let used = 0;
  /** Of each place its piece, and where it begins and ends there. */
  const places: number[] = [];
  return {
    add(bytes) {
      if (used + bytes.length > pieces.at(-1)!.length) {
        pieces.push(new Uint8Array(Math.max(PIECE, bytes.length)));
        used = 0;
      }
      pieces.at(-1)!.set(bytes, used);
      places.push(pieces.length - 1, used, used + bytes.length);
      used += bytes.length;
      return places.length / 3 - 1;
    },
    at: (place) => pieces[places[3 * place]!]!.subarray(places[3 * place + 1], places[3 * place + 2]),
  };
}
