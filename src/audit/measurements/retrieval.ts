import { type Matrix, rowDot, selectRows, unitRows } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";
import { random } from "../../util/index.ts";
import { contents, pairFlaw } from "./matrix.ts";

export interface Retrieval {
  /** Share of queries whose right oracle is nearest, among the 5 and among the 10 nearest; null where the gallery holds no more than that. */
  r1: number;
  r5: number | null;
  r10: number | null;
  /** Mean rank of the right oracle, 1 the best. */
  meanRank: number;
  /** Mean of 1 / rank. */
  mrr: number;
  /** Different oracles searched. Chance of R@1 is 1 / gallery. */
  gallery: number;
  /** Examples that searched. */
  queries: number;
}

export interface RetrievalOptions {
  /** Maximum number of oracles in the gallery (default: all); the examples whose oracle is in it are the queries. */
  gallery?: number;
  /** Chooses the gallery where there are more oracles. 0 if left out. */
  seed?: number;
}

/**
 * Does an own latent find its oracle among all oracles of the split, by cosine? Oracles of equal content are one entry:
 * finding the right content is finding it. rank = 1 + number of entries strictly nearer, as in the paper's code.
 *
 * @param own - [n, D]. @param oracle - [n, D], row i the oracle of row i.
 * @returns null with a reason for fewer than 2 rows or 2 different oracles, values that are not finite, or zero vectors.
 *
 * Source: arXiv 2605.18445, retrieval analysis (top-1 among 300); its `latent_retrieval_eval.py`.
 *
 * @example
 * const oracle = matrix([1, 0, 0, 1, 1, 1], 3, 2);
 * retrieval(matrix([2, 0.1, 0, 1, 1, 0], 3, 2), oracle).value?.r1; // 2/3: the third finds the first
 */
export function retrieval(own: Matrix, oracle: Matrix, options: RetrievalOptions = {}): Measured<Retrieval> {
  const found = retrievalRanks(own, oracle, options);
  if (found.value === null) return unknown(found.reason);
  const { ranks, gallery } = found.value;
  const mean = (value: (rank: number) => number): number =>
    ranks.reduce((sum, rank) => sum + value(rank), 0) / ranks.length;
  const within = (k: number): number | null => (gallery > k ? mean((rank) => (rank <= k ? 1 : 0)) : null);
  return known({
    r1: mean((rank) => (rank === 1 ? 1 : 0)),
    r5: within(5),
    r10: within(10),
    meanRank: mean((rank) => rank),
    mrr: mean((rank) => 1 / rank),
    gallery,
    queries: ranks.length,
  });
}

/**
 * The rank of the right oracle for each row that searches (`asking`), as `retrieval` counts them.
 *
 * @example
 * const oracle = matrix([1, 0, 0, 1, 1, 1], 3, 2);
 * retrievalRanks(matrix([2, 0.1, 0, 1, 1, 0], 3, 2), oracle).value?.ranks; // [1, 1, 2]
 */
export function retrievalRanks(
  own: Matrix,
  oracle: Matrix,
  { gallery: most = Infinity, seed = 0 }: RetrievalOptions = {},
): Measured<{ asking: number[]; ranks: number[]; gallery: number }> {
  const reason = pairFlaw(own, oracle);
  if (reason !== null) return unknown(reason);
  const digests = contents(oracle);
  const firstRow = new Map<string, number>();
  digests.forEach((digest, row) => {
    if (!firstRow.has(digest)) firstRow.set(digest, row);
  });
  // Sorted before drawing, so that the order of rows cannot change the gallery.
  const sorted = [...firstRow.keys()].sort();
  const entries =
    sorted.length > most ? random(seed, "retrieval-gallery").shuffled(sorted).slice(0, most) : sorted;
  if (entries.length < 2) return unknown(`${entries.length} different oracle; a search needs at least 2`);
  const entryOf = new Map(entries.map((digest, entry) => [digest, entry]));
  const asking = digests.flatMap((digest, row) => (entryOf.has(digest) ? [row] : []));
  const queries = unitRows(selectRows(own, asking));
  const targets = unitRows(
    selectRows(
      oracle,
      entries.map((digest) => firstRow.get(digest)!),
    ),
  );
  if (queries.unit === null)
    return unknown(`${queries.zeros} of ${asking.length} own latents have no direction`);
  if (targets.unit === null)
    return unknown(`${targets.zeros} of ${entries.length} oracles have no direction`);
  const ranks = asking.map((row, query) => {
    const right = entryOf.get(digests[row]!)!;
    const cosine = rowDot(queries.unit, query, targets.unit, right);
    let rank = 1;
    for (let entry = 0; entry < entries.length; entry++)
      if (entry !== right && rowDot(queries.unit, query, targets.unit, entry) > cosine) rank++;
    return rank;
  });
  return known({ asking, ranks, gallery: entries.length });
}
