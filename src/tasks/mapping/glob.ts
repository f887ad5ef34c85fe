/** Names with "*" for any text. */

/**
 * Tells which names a pattern means; in linear time, whatever the pattern.
 *
 * @example
 * globOf("image_*")("image_12"); // true
 * globOf("*.tsv")("a.csv"); // false
 */
export function globOf(pattern: string): (name: string) => boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false;
    let at = first.length;
    for (const piece of rest) {
      const found = name.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= name.length - last.length;
  };
}
