/** Numbers in pieces of one size: they grow without being copied, which would need room for both. */

/** Numbers of a piece, as a power of two. */
const PIECE = 16;
const MASK = 2 ** PIECE - 1;

/** A list of numbers that only grows. */
export interface NumberList {
  readonly length: number;
  push(value: number): void;
  at(index: number): number;
}

/**
 * An empty list of numbers, 8 bytes each, or 4 where all are whole and below 2³².
 *
 * @example
 * const list = numberList();
 * list.push(0.5);
 * list.at(0); // 0.5
 */
export function numberList({ whole = false } = {}): NumberList {
  const pieces: (Float64Array | Uint32Array)[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if ((length & MASK) === 0)
        pieces.push(whole ? new Uint32Array(2 ** PIECE) : new Float64Array(2 ** PIECE));
      pieces[length >>> PIECE]![length & MASK] = value;
      length++;
    },
    at: (index) => pieces[index >>> PIECE]![index & MASK]!,
  };
}
