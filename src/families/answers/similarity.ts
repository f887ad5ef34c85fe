/** Text similarity as in fuzzywuzzy. */

/** Length of the longest common subsequence of two texts, by code points. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let before = new Uint32Array(b.length + 1);
  for (const x of a) {
    const row = new Uint32Array(b.length + 1);
    for (let j = 0; j < b.length; j++)
      row[j + 1] = x === b[j] ? before[j]! + 1 : Math.max(row[j]!, before[j + 1]!);
    before = row;
  }
  return before[b.length]!;
}

/**
 * Similarity of two texts, 0 to 100: fuzzywuzzy's `fuzz.ratio` with Levenshtein installed, twice the longest common
 * subsequence over the sum of lengths, rounded. If the lengths alone limit it to 50, the limit is returned.
 *
 * @example
 * similarity("the dogs", "the dog"); // 93
 */
export function similarity(a: string, b: string): number {
  if (a === b) return 100;
  const [x, y] = [Array.from(a), Array.from(b)];
  const total = x.length + y.length;
  const most = (200 * Math.min(x.length, y.length)) / total;
  // only values over 90 matter, and long replies are expensive
  const ratio = most <= 50 ? most : (200 * commonLength(x, y)) / total;
  // Python rounds halves to even
  return ratio % 1 === 0.5 ? 2 * Math.round(ratio / 2) : Math.round(ratio);
}
