import { type Matrix, mean, quantile, rowDot, selectRows, unitRows } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { contents, pairFlaw, sampleRows } from "./matrix.ts";

/** Cosines of many pairs of vectors. */
export interface CosineRow {
  cosine: number;
  /** 5th and 95th percentile over the pairs. */
  low: number;
  high: number;
  /** Pairs. */
  pairs: number;
}

/** Every example meets every other: with more than this many, a sample is taken. */
const MOST = 256;

/**
 * Mean and percentiles of cosines.
 *
 * @example
 * cosineRow([0, 0.5, 1], "none").value?.cosine; // 0.5
 */
export function cosineRow(cosines: readonly number[], absent: string): Measured<CosineRow> {
  if (cosines.length === 0) return unknown(absent);
  const sorted = [...cosines].sort((a, b) => a - b);
  if (!sorted.every(Number.isFinite)) return unknown("a vector is not finite or has no direction");
  const [low, high] = [quantile(sorted, 0.05), quantile(sorted, 0.95)];
  return known({ cosine: mean(sorted), low, high, pairs: sorted.length });
}

/**
 * Cosines of vectors to the oracles of other examples, by whether these have the same right answer. A pair whose oracles
 * are equal is left out: there the other oracle is the example's own.
 *
 * @param x - [n, D], own latents, or the oracles themselves. @param oracle - [n, D]. @param answers - Right answers in words.
 * @returns null with a reason where no pair is left, or vectors are not finite or zero. With more than 256 examples, over
 * a sample of 256.
 *
 * Source: docs/published-families.md §19.3 (10); ours.
 *
 * @example
 * const oracle = matrix([1, 0, 0, 1, 1, 1], 3, 2);
 * crossCosines(oracle, oracle, ["a", "b", "b"]).otherAnswer.value?.pairs; // 4
 */
export function crossCosines(
  x: Matrix,
  oracle: Matrix,
  answers: readonly string[],
): Record<"sameAnswer" | "otherAnswer", Measured<CosineRow>> {
  const reason = pairFlaw(x, oracle);
  const none = (why: string) => ({
    sameAnswer: unknown<CosineRow>(why),
    otherAnswer: unknown<CosineRow>(why),
  });
  if (reason !== null) return none(reason);
  const rows = sampleRows(oracle, MOST);
  const from = unitRows(selectRows(x, rows)).unit;
  const kept = selectRows(oracle, rows);
  const to = unitRows(kept).unit;
  if (from === null || to === null) return none("a vector has no direction");
  const digests = contents(kept);
  const found = { sameAnswer: [] as number[], otherAnswer: [] as number[] };
  for (const [i, row] of rows.entries())
    for (const [j, other] of rows.entries())
      if (digests[i] !== digests[j])
        found[answers[row] === answers[other] ? "sameAnswer" : "otherAnswer"].push(rowDot(from, i, to, j));
  return {
    sameAnswer: cosineRow(found.sameAnswer, "no two examples with the same answer and different oracles"),
    otherAnswer: cosineRow(found.otherAnswer, "no two examples with different answers and different oracles"),
  };
}

/**
 * Cosines of own slots to the oracle's slots: to the slot of the same number, and to all others (shuffled slots).
 *
 * @param blocks - Own latents and oracle [K·D] of each example, of equal length.
 *
 * Source: docs/published-families.md §15.1 (shuffle), §19.3 (10); ours.
 *
 * @example
 * const block = Float32Array.of(1, 0, 0, 1);
 * slotCosines([{ own: block, oracle: block }], 2).shuffled.value?.cosine; // 0
 */
export function slotCosines(
  blocks: readonly { own: Float32Array; oracle: Float32Array }[],
  width: number,
): Record<"matched" | "shuffled", Measured<CosineRow>> {
  const found = { matched: [] as number[], shuffled: [] as number[] };
  for (const { own, oracle } of blocks) {
    const k = own.length / width;
    const [x, y] = [own, oracle].map((values) => unitRows({ n: k, d: width, values }).unit);
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++)
        found[i === j ? "matched" : "shuffled"].push(x && y ? rowDot(x, i, y, j) : Number.NaN);
  }
  return {
    matched: cosineRow(found.matched, "no example has both a latent block and an oracle of its length"),
    shuffled: cosineRow(found.shuffled, "no example has two slots and an oracle of as many"),
  };
}
