/** The next id of greedy decoding, with the repetition penalty of transformers and vLLM. */

/**
 * Index of the largest of `count` values from `offset` on, `forbidden` ones left out; the first of equals.
 *
 * @example
 * argmax(Float32Array.of(9, 1, 3, 3), 1, 3); // 1
 */
export function argmax(
  values: Float32Array,
  offset: number,
  count: number,
  forbidden: readonly (number | null)[] = [],
): number {
  let best = 0;
  while (forbidden.includes(best)) best++;
  for (let i = best + 1; i < count; i++) {
    if (values[offset + i]! > values[offset + best]! && !forbidden.includes(i)) best = i;
  }
  return best;
}

/** Ids that a row has read or written, and what their scores are divided by. */
interface Repetition {
  penalty: number;
  seen: Set<number>;
}

/**
 * `argmax` after the repetition penalty: scores of ids seen before, in prompt or reply, are divided by it where they are
 * positive and multiplied where not, in single precision (transformers' `RepetitionPenaltyLogitsProcessor`; vLLM's is the
 * same). Without one, or at 1, plain `argmax`.
 *
 * @example
 * greedy(Float32Array.of(2, 1.9), 0, 2, { penalty: 1.1, seen: new Set([0]) }); // 1: 2 / 1.1 is less than 1.9
 */
export function greedy(
  values: Float32Array,
  offset: number,
  count: number,
  { penalty, seen }: Repetition,
  forbidden: readonly (number | null)[] = [],
): number {
  if (penalty === 1) return argmax(values, offset, count, forbidden);
  const scores = values.slice(offset, offset + count);
  for (const id of seen) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score < 0 ? score * penalty : score / penalty;
  }
  return argmax(scores, 0, count, forbidden);
}
