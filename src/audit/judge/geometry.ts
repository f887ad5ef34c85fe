import type { Matrix } from "../../numeric/index.ts";
import { ensure } from "../../util/index.ts";
import { measureCloud, measurements, measurePair, type RetrievalOptions } from "../measurements/index.ts";
import type { Latents } from "../record/latents-file.ts";
import type { Geometry } from "../record/schema.ts";
import { type ReferenceInput, referenceRows } from "./reference-rows.ts";

type Slice = Omit<Geometry, "slots" | "references">;

/** One vector per row: slot k, or the mean over its slots where k is null. [rows.length, D]; means in double precision. */
function vectors(
  { slots, width, own, oracle, ownCounts, oracleCounts }: Latents,
  of: "own" | "oracle",
  rows: readonly number[],
  k: number | null,
): Matrix {
  const [from, counts] = of === "own" ? [own, ownCounts] : [oracle, oracleCounts];
  // One slot of each row: its numbers as they are, and where these are all rows in order, not even copied.
  const one = k !== null || slots === 1;
  if (slots === 1 && !counts && rows.length * width === from.length && rows.every((row, at) => row === at))
    return { n: rows.length, d: width, values: from };
  const values = new (one ? Float32Array : Float64Array)(rows.length * width);
  rows.forEach((row, at) => {
    const count = counts?.[row] ?? slots;
    for (let slot = k ?? 0; slot <= (k ?? count - 1); slot++)
      for (let j = 0; j < width; j++)
        values[at * width + j]! += from[(row * slots + slot) * width + j]! / (k === null ? count : 1);
  });
  return { n: rows.length, d: width, values };
}

/** Reasons to print; where there was no row at all, the one that says so for every number. */
function why(
  numbers: object,
  reasons: Record<string, string>,
  absent: string | null,
): { reasons?: Record<string, string> } {
  const all =
    absent === null ? reasons : Object.fromEntries(Object.keys(numbers).map((key) => [key, absent]));
  return Object.keys(all).length > 0 ? { reasons: all } : {};
}

function cloud(x: Matrix, absent: string): Slice["own"] {
  const { values, reasons } = measureCloud(x);
  return { ...values, n: x.n, ...why(values, reasons, x.n === 0 ? absent : null) };
}

function ownOracle(own: Matrix, oracle: Matrix, options: RetrievalOptions): Slice["ownOracle"] {
  const { values, reasons } = measurePair(own, oracle);
  const found = measurements.retrieval.compute(own, oracle, options);
  const { gallery, queries, ...ranks } = found.value ?? {
    r1: null,
    r5: null,
    r10: null,
    meanRank: null,
    mrr: null,
    gallery: 0,
    queries: 0,
  };
  for (const [key, rank] of Object.entries(ranks))
    if (rank === null)
      reasons[key] =
        found.reason ?? `with ${gallery} oracles to choose from, the right one is always among them`;
  const absent = own.n === 0 ? "no example has both a latent block and an oracle" : null;
  return {
    ...values,
    ...ranks,
    gallery,
    queries,
    n: own.n,
    ...why({ ...values, ...ranks }, reasons, absent),
  };
}

/**
 * Geometry of own and oracle latents: of the mean over slots, and slot by slot where K > 1.
 *
 * @experimental
 * @param latents - null where the model opened no block and the split has no oracles: everything is null then.
 * @param options - Size and seed of the retrieval gallery; what the rows of reference are made of; `bySlot` false where slot k of
 * one example is nothing like slot k of another.
 * @throws LintelError "input" when the arrays do not fit together or an example comes twice.
 *
 * Source: docs/science.md "Collapse"; docs/published-families.md §15.6.
 *
 * @example
 * geometry({
 *   examples: ["1", "2"], slots: 1, width: 2, own: new Float32Array([1, 0, 0, 1]),
 *   oracle: new Float32Array([1, 0, 0, 1]), hasOwn: [1, 1], hasOracle: [1, 1],
 * }).ownOracle.r1; // 1
 */
export function geometry(
  latents: Latents | null,
  options: RetrievalOptions & { references?: ReferenceInput; bySlot?: boolean } = {},
): Geometry {
  const given = latents ?? {
    examples: [],
    slots: 1,
    width: 1,
    own: new Float32Array(),
    oracle: new Float32Array(),
    hasOwn: [],
    hasOracle: [],
  };
  const { examples, slots, width, own, oracle, hasOwn, hasOracle } = given;
  const n = examples.length;
  const size = n * slots * width;
  ensure(
    own.length === size && oracle.length === size && hasOwn.length === n && hasOracle.length === n,
    "input",
    () => ({
      where: "latents of an audit",
      expected: `${n} × ${slots} × ${width} own and oracle values and ${n} flags each`,
      got: `${own.length} own, ${oracle.length} oracle, ${hasOwn.length} and ${hasOracle.length} flags`,
    }),
  );
  ensure(new Set(examples).size === n, "input", () => ({
    where: "latents of an audit",
    expected: "every example once",
    got: `${n} rows of ${new Set(examples).size} examples`,
  }));
  // Sums depend on their order in the last bits; by id, the order of rows in the file cannot matter.
  const rows = Array.from({ length: n }, (_, row) => row).sort((a, b) =>
    examples[a]! < examples[b]! ? -1 : 1,
  );
  const mine = rows.filter((row) => hasOwn[row] && given.ownCounts?.[row] !== 0);
  const theirs = rows.filter((row) => hasOracle[row]);
  const slice = (k: number | null): Slice => {
    const there = (counts: ArrayLike<number> | undefined) => (row: number) =>
      k === null || (counts?.[row] ?? slots) > k;
    const inOwn = mine.filter(there(given.ownCounts));
    const inOracle = theirs.filter(there(given.oracleCounts));
    const both = inOwn.filter((row) => hasOracle[row] && there(given.oracleCounts)(row));
    return {
      own: cloud(vectors(given, "own", inOwn, k), "no example has a latent block"),
      oracle: cloud(vectors(given, "oracle", inOracle, k), "no example has an oracle"),
      ownOracle: ownOracle(vectors(given, "own", both, k), vectors(given, "oracle", both, k), options),
    };
  };
  const both = mine.filter((row) => hasOracle[row]);
  return {
    ...slice(null),
    ...(latents &&
      options.references && {
        references: referenceRows(
          latents,
          both,
          vectors(latents, "own", both, null),
          vectors(latents, "oracle", both, null),
          options.references,
        ),
      }),
    ...(slots > 1 && n > 0 && options.bySlot !== false
      ? { slots: Array.from({ length: slots }, (_, k) => slice(k)) }
      : {}),
  };
}
