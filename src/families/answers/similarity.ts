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
 * How alike two texts are, 0 to 100: fuzzywuzzy's `fuzz.ratio` with Levenshtein installed, twice the longest common
 * subsequence over the sum of lengths, rounded. Two of which the longer is over twice as long are told apart at once.
 *
 * @example
 * similarity("the dogs", "the dog"); // 93
 */
export function similarity(a: string, b: string): number {
  if (a === b) return 100;
  const [x, y] = [Array.from(a), Array.from(b)];
  const total = x.length + y.length;
  const most = (200 * Math.min(x.length, y.length)) / total;
  // Nobody asks how unlike: only what is over 90 counts, and long replies are expensive.
  const ratio = most <= 50 ? most : (200 * commonLength(x, y)) / total;
  // Python rounds halves to even numbers.
  return ratio % 1 === 0.5 ? 2 * Math.round(ratio / 2) : Math.round(ratio);
}
