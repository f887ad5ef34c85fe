/** Statistics of a split that interventions use. */
import type { Example } from "../tasks/index.ts";
import { type Random, random } from "../util/index.ts";
import { type Donors, donorsOf, partners, type RightAnswer } from "./donors.ts";
import type { SplitStatistics } from "./interventions/index.ts";

type Blocks = readonly Float32Array[];

/** Examples that donate latents (docs/published-families.md §15.1: PRISM's pool). */
const POOL = 64;

/** Latents that are not finite are left out, since they would invalidate every mean. */
const allFinite = (blocks: Blocks): boolean => blocks.every((z) => z.every(Number.isFinite));

/** Per block, what `compute` says of the arrays of the examples that have it. */
function perBlock<T>(latents: readonly Blocks[], compute: (present: Blocks, block: number) => T): T[] {
  const most = latents.reduce((n, blocks) => Math.max(n, blocks.length), 0);
  return Array.from({ length: most }, (_, b) =>
    compute(
      latents.flatMap((blocks) => (blocks[b] ? [blocks[b]] : [])),
      b,
    ),
  );
}

/** Entries of the longest of blocks; shorter ones count up to their length. */
const longestOf = (present: Blocks): number => present.reduce((most, z) => Math.max(most, z.length), 0);
const countsOf = (present: Blocks, length: number): Float64Array => {
  const counts = new Float64Array(length);
  for (const z of present) for (let i = 0; i < z.length; i++) counts[i]!++;
  return counts;
};

/** Mean per entry. */
function meanOf(present: Blocks): Float32Array {
  const sum = new Float64Array(longestOf(present));
  const counts = countsOf(present, sum.length);
  for (const z of present) for (const [i, v] of z.entries()) sum[i]! += v;
  return Float32Array.from(sum, (s, i) => s / counts[i]!);
}

/** Population standard deviation per entry. */
function deviationOf(present: Blocks, mean: Float32Array): Float32Array {
  const sum = new Float64Array(longestOf(present));
  const counts = countsOf(present, sum.length);
  for (const z of present) for (const [i, v] of z.entries()) sum[i]! += (v - mean[i]!) ** 2;
  return Float32Array.from(sum, (s, i) => Math.sqrt(s / counts[i]!));
}

/** Mean over examples, blocks and slots [width]; null without any. */
function vectorOf(latents: readonly Blocks[], width: number): Float32Array | null {
  const all = latents.flat();
  const sum = new Float64Array(width);
  for (const z of all) for (const [i, v] of z.entries()) sum[i % width]! += v;
  const count = all.reduce((n, z) => n + z.length / width, 0);
  return count > 0 ? Float32Array.from(sum, (s) => s / count) : null;
}

/** A random permutation without fixed points of the places where `present`: one random cycle. */
function derangement(present: readonly boolean[], r: Random): (number | null)[] {
  const places = r.shuffled(present.flatMap((p, i) => (p ? [i] : [])));
  const out: (number | null)[] = present.map(() => null);
  if (places.length > 1) for (const [j, i] of places.entries()) out[i] = places[(j + 1) % places.length]!;
  return out;
}

/** What `find` finds among those of `present` whose latents are as many, group by group. */
function asManyEach(
  own: readonly Blocks[],
  present: readonly boolean[],
  find: (present: readonly boolean[]) => (number | null)[],
): (number | null)[] {
  const lengths = own.map(([first]) => first?.length ?? 0);
  const found = [...new Set(lengths)].map((length) =>
    find(present.map((p, i) => p && lengths[i] === length)),
  );
  return present.map((_, i) => found.find((each) => each[i] !== null)?.[i] ?? null);
}

/**
 * Statistics of a split's latents by example: one array [K·D] per block, none where an example has none. Latents that
 * are not finite count as none.
 *
 * @param answers - The right answers, for exchanges between examples with different ones.
 * @param width - D; needed for the mean vector over slots.
 * @param examples - For donors by question. @param asMany - Donors have as many latents as those who get them.
 *
 * @example
 * splitStatistics([[Float32Array.of(1)], [Float32Array.of(3)]], [[], []], 0).ownMean; // [Float32Array [2]]
 */
export function splitStatistics(
  own: readonly Blocks[],
  oracle: readonly Blocks[],
  seed: number,
  answers: readonly RightAnswer[] = own.map(() => ({ option: "", words: "" })),
  width = own.flat()[0]?.length ?? 1,
  examples?: readonly Pick<Example, "question" | "options" | "optionTexts" | "answer" | "attributes">[],
  asMany = false,
): SplitStatistics {
  const mine = own.map((blocks) => (allFinite(blocks) ? blocks : []));
  const theirs = oracle.map((blocks) => (allFinite(blocks) ? blocks : []));
  const present = mine.map((blocks) => blocks.length > 0);
  const ownMean = perBlock(mine, meanOf);
  const among = (find: (present: readonly boolean[]) => (number | null)[]) =>
    asMany ? asManyEach(mine, present, find) : find(present);
  let donors: Donors | undefined;
  return {
    own: mine,
    oracle: theirs,
    answers,
    otherOwn: among((of) => derangement(of, random(seed, "other-own"))),
    otherOracle: derangement(
      theirs.map((blocks) => blocks.length > 0),
      random(seed, "other-oracle"),
    ),
    partner: among((of) => partners(of, answers, random(seed, "exchange", "partners"))),
    pool: random(seed, "donor", "pool")
      .shuffled(present.flatMap((p, i) => (p ? [i] : [])))
      .slice(0, POOL),
    ownMean,
    ownDeviation: perBlock(mine, (blocks, b) => deviationOf(blocks, ownMean[b]!)),
    oracleMean: perBlock(theirs, meanOf),
    ownVector: vectorOf(mine, width),
    donors() {
      const [none, empty] = [own.map(() => null), own.map(() => [])];
      const nobody = { same: none, matched: none, base: empty, spread: empty };
      donors ??= examples ? donorsOf(mine, examples, seed) : nobody;
      return donors;
    },
  };
}

/**
 * A split as an example of it sees that whose latents are its words: means and deviations are those of the examples that ask in
 * the same words, and donors have as many.
 *
 * @example
 * const asked = [0, 1].map((answer) => ({ question: "q", options: ["a", "b"], answer, attributes: {} }));
 * const split = splitStatistics([[Float32Array.of(1)], [Float32Array.of(3)]], [[], []], 0, undefined, 1, asked, true);
 * ofSameWords(split, 0).ownMean; // [Float32Array [2]]
 */
export function ofSameWords(split: SplitStatistics, index: number): SplitStatistics {
  const { base, spread } = split.donors();
  const count = (i: number): number | undefined => split.own[i]?.[0]?.length;
  return {
    ...split,
    ownMean: base[index] ?? [],
    ownDeviation: spread[index] ?? [],
    pool: split.pool.filter((i) => count(i) === count(index)),
  };
}
