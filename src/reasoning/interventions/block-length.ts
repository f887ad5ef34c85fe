/**
 * Vectors [n, D] as an array of `length` numbers: the first ones, the last again where there are too few
 * (docs/published-families.md §15.1, donor swap). The array itself where it has the length, and where it has no vector.
 *
 * @example
 * asLongAs(Float32Array.of(1, 2, 3, 4), 6, 2); // Float32Array [1, 2, 3, 4, 3, 4]
 * asLongAs(Float32Array.of(1, 2, 3, 4), 2, 2); // Float32Array [1, 2]
 */
export function asLongAs(given: Float32Array, length: number, width: number): Float32Array {
  const last = given.length / width - 1;
  if (given.length === length || last < 0) return given;
  const out = new Float32Array(length);
  for (let slot = 0; slot * width < length; slot++) {
    const from = Math.min(slot, last) * width;
    out.set(given.subarray(from, from + width), slot * width);
  }
  return out;
}
