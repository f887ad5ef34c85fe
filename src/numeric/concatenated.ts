/**
 * Arrays one after the other.
 *
 * @example
 * concatenated([Float32Array.of(1, 2), Float32Array.of(3)]); // Float32Array [1, 2, 3]
 */
export function concatenated(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
