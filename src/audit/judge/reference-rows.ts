/** What a cosine of own latents to their oracle is read beside: pairs of vectors of which one knows how alike they should be. */
import { cosine, type Matrix } from "../../numeric/index.ts";
import { type Measured, unknown } from "../../statistics/index.ts";
import type { InputVectors } from "../decode/input-vectors.ts";
import { type CosineRow, cosineRow, measurements } from "../measurements/index.ts";
import type { Latents } from "../record/latents-file.ts";
import type { Geometry } from "../record/schema.ts";

/** What is known of examples beside their latents. */
export interface ReferenceInput {
  /** Right answers in words, by example; or why they are not known. */
  answers: Measured<ReadonlyMap<string, string>>;
  /** Digests of images, by example. */
  images?: ReadonlyMap<string, string | undefined> | undefined;
  /** Vectors of the input; left out where the model is not at hand. */
  vectors?: readonly InputVectors[] | undefined;
}

type Rows = NonNullable<Geometry["references"]>;

const equal = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => value === b[i]);

/** Cosines in the input: two patches of one image or of two examples, own latents and a patch, two words. */
function inputRows(
  vectors: readonly InputVectors[],
  images: ReadonlyMap<string, string | undefined>,
  ownOf: (example: string) => Float32Array | null,
): Record<string, Measured<CosineRow>> {
  const seen = vectors.filter(({ patches }) => patches.length > 0);
  const ofTwo = (two: readonly Float32Array[]): number[] =>
    two.length === 2 ? [cosine(two[0]!, two[1]!)] : [];
  const pairs = {
    patchesOfOne: seen.flatMap(({ patches }) => ofTwo(patches)),
    patchesOfTwo: seen.slice(1).flatMap(({ example, patches }, i) => {
      const before = seen[i]!;
      const digest = images.get(example);
      const one = digest !== undefined && digest === images.get(before.example);
      return one || equal(patches[0]!, before.patches[0]!) ? [] : [cosine(patches[0]!, before.patches[0]!)];
    }),
    ownToPatch: seen.flatMap(({ example, patches }) => {
      const own = ownOf(example);
      return own ? [cosine(own, patches[0]!)] : [];
    }),
    words: vectors.flatMap(({ words }) => ofTwo(words)),
  };
  const absent = {
    patchesOfOne: "no example has two visual tokens",
    patchesOfTwo: "no two examples have visual tokens of different images",
    ownToPatch: "no example has a latent block and visual tokens",
    words: "no question has two different words",
  };
  return Object.fromEntries(
    (Object.keys(pairs) as (keyof typeof pairs)[]).map((key) => [key, cosineRow(pairs[key], absent[key])]),
  );
}

/**
 * Cosines that own–oracle cosines are read beside (docs/results.md, geometry): own latents to the oracles of other examples
 * with the same and with another answer, oracles to these, own slots to the oracle's slots in order and shuffled, and pairs
 * of the input's own vectors.
 *
 * @param own - [n, D], mean over slots of the examples `rows` that have both. @param oracle - [n, D].
 *
 * Source: docs/published-families.md §19.3 (10).
 *
 * @example
 * const latents = { examples: ["1"], slots: 1, width: 1, own: Float32Array.of(1), oracle: Float32Array.of(1) };
 * const one = { n: 1, d: 1, values: Float64Array.of(1) };
 * referenceRows(latents, [0], one, one, { answers: { value: null, reason: "unknown" } }).slots.cosine; // 1
 */
export function referenceRows(
  { examples, slots, width, own: blocks, oracle: oracles, ownCounts, oracleCounts }: Latents,
  rows: readonly number[],
  own: Matrix,
  oracle: Matrix,
  { answers, vectors, images = new Map() }: ReferenceInput,
): Rows {
  const byAnswer = (x: Matrix): ReturnType<typeof measurements.crossCosines.compute> => {
    const { value, reason } = answers;
    if (value === null) return { sameAnswer: unknown(reason), otherAnswer: unknown(reason) };
    const inWords = rows.map((row) => value.get(examples[row]!)!);
    return measurements.crossCosines.compute(x, oracle, inWords);
  };
  const [ownToOthers, oracleToOthers] = [byAnswer(own), byAnswer(oracle)];
  const both = rows.flatMap((row) => {
    const count = ownCounts?.[row] ?? slots;
    if (count === 0 || (oracleCounts?.[row] ?? slots) !== count) return [];
    const [from, to] = [row * slots * width, (row * slots + count) * width];
    return [{ own: blocks.subarray(from, to), oracle: oracles.subarray(from, to) }];
  });
  const bySlot = measurements.slotCosines.compute(both, width);
  const at = new Map(rows.map((row, i) => [examples[row]!, i]));
  const ownOf = (example: string): Float32Array | null => {
    const i = at.get(example);
    return i === undefined ? null : Float32Array.from(own.values.subarray(i * own.d, (i + 1) * own.d));
  };
  const found: Record<string, Measured<CosineRow>> = {
    sameAnswer: ownToOthers.sameAnswer,
    otherAnswer: ownToOthers.otherAnswer,
    oracleSameAnswer: oracleToOthers.sameAnswer,
    oracleOtherAnswer: oracleToOthers.otherAnswer,
    slots: bySlot.matched,
    shuffledSlots: bySlot.shuffled,
    ...(vectors && inputRows(vectors, images, ownOf)),
  };
  return Object.fromEntries(
    Object.entries(found).map(([name, { value, reason }]) => [
      name,
      value ?? { cosine: null, low: null, high: null, pairs: 0, reason },
    ]),
  ) as Rows;
}
