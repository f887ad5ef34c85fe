import { type Matrix, matrix } from "../../../numeric/index.ts";
import { proportionInterval } from "../../../statistics/index.ts";
import { retrievalRanks } from "../../measurements/index.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { SuiteContext } from "../analysis.ts";

const meanOver = (z: Float32Array, width: number): Float64Array => {
  const out = new Float64Array(width);
  for (const [i, value] of z.entries()) out[i % width]! += (value * width) / z.length;
  return out;
};

const stacked = (rows: readonly Float64Array[], width: number): Matrix =>
  matrix(Float64Array.from(rows.flatMap((row) => [...row])), rows.length, width);

/**
 * Does finding the own oracle go with the right answer? Accuracy of own latents where the nearest oracle of the split is
 * the right one and where it is not, and φ between the two.
 *
 * Source: WM-VLM, September 2026; docs/published-families.md §15.6.
 */
export const foundAndRight = ({ latents, outcomes, planner: { split, seed } }: SuiteContext) => {
  const { width, examples } = latents;
  const own = ownBlocks(latents);
  const right = new Map(
    outcomes.flatMap(({ example, answer, outcomes: by }) =>
      by.own ? [[example, by.own.choice === answer] as const] : [],
    ),
  );
  const rows = examples
    .flatMap((id, i) => {
      const [mine, theirs] = [own[i]?.[0], split.oracle[i]?.[0]];
      return mine?.every(Number.isFinite) && theirs && right.has(id) ? [{ id, mine, theirs }] : [];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const nothing = { phi: null, found: null, missed: null };
  const none = (reason: string) => ({ ...nothing, n: rows.length, reason });
  if (rows.length === 0) return none("no example has both a latent block and an oracle");
  const found = retrievalRanks(
    stacked(
      rows.map(({ mine }) => meanOver(mine, width)),
      width,
    ),
    stacked(
      rows.map(({ theirs }) => meanOver(theirs, width)),
      width,
    ),
    { gallery: 300, seed },
  );
  if (found.value === null) return none(found.reason);
  const { ranks, asking } = found.value;
  const counts = [0, 0, 0, 0];
  for (const [at, row] of asking.entries())
    counts[2 * Number(ranks[at] === 1) + Number(right.get(rows[row]!.id))]!++;
  const [wrongMissed, rightMissed, wrongFound, rightFound] = counts as [number, number, number, number];
  const part = (hits: number, n: number) => {
    const interval = proportionInterval(hits, Math.max(n, hits));
    return {
      n,
      accuracy: n > 0 ? hits / n : null,
      interval: interval.value,
      ...(interval.reason !== undefined && { reason: interval.reason }),
    };
  };
  const [foundN, missedN] = [wrongFound + rightFound, wrongMissed + rightMissed];
  const product = foundN * missedN * (rightFound + rightMissed) * (wrongFound + wrongMissed);
  return {
    n: asking.length,
    phi: product > 0 ? (rightFound * wrongMissed - rightMissed * wrongFound) / Math.sqrt(product) : null,
    ...(product === 0 && { reason: "all found or none, or all right or none: nothing goes with anything" }),
    found: part(rightFound, foundN),
    missed: part(rightMissed, missedN),
  };
};
