/** Runs in pairs, so that what else a machine does meets both sides: ours, theirs, ours, theirs. */
import { type Failed, failed } from "./processes.ts";

/** One run of each side, right after the other. */
export interface Pair<Run> {
  ours: Run | Failed;
  theirs: Run | Failed;
}

/** Rounds of every pair: ROUNDS, or 3. */
export const rounds = Number(process.env.ROUNDS ?? 3);

/** Runs pairs, one process after the other. */
export async function pairsOf<Run>(
  ours: (round: number) => Promise<Run | Failed>,
  theirs: (round: number) => Promise<Run | Failed>,
  count = rounds,
): Promise<Pair<Run>[]> {
  const pairs: Pair<Run>[] = [];
  for (let round = 0; round < count; round++)
    pairs.push({ ours: await ours(round), theirs: await theirs(round) });
  return pairs;
}

/** The middle of some numbers, the upper one of two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Digits that mean something in a timing. */
export const rounded = (x: number): number => Number(x.toPrecision(4));

/** The runs of one side that did not fail. */
export const done = <Run extends object>(pairs: readonly Pair<Run>[], side: "ours" | "theirs"): Run[] =>
  pairs.map((pair) => pair[side]).filter((run): run is Run => !failed(run));

/** The median of a number over the runs of one side; null where none has it. */
export function middle<Run extends object>(
  pairs: readonly Pair<Run>[],
  side: "ours" | "theirs",
  of: (run: Run) => number | undefined,
): number | null {
  const values = done(pairs, side)
    .map(of)
    .filter((value) => value !== undefined);
  return values.length > 0 ? rounded(median(values)) : null;
}

/**
 * Theirs over ours in each pair of which both ended: the median of these ratios, and the smallest and largest. Of times,
 * above 1 means that ours are shorter.
 */
export function ratiosOf<Run extends object>(
  pairs: readonly Pair<Run>[],
  of: (run: Run) => number | undefined,
): { ratio: number | null; range: [number, number] | null; pairs: number } {
  const ratios = pairs.flatMap(({ ours, theirs }) => {
    if (failed(ours as object) || failed(theirs as object)) return [];
    const [a, b] = [of(ours as Run), of(theirs as Run)];
    return a === undefined || b === undefined ? [] : [b / a];
  });
  if (ratios.length === 0) return { ratio: null, range: null, pairs: 0 };
  const range: [number, number] = [rounded(Math.min(...ratios)), rounded(Math.max(...ratios))];
  return { ratio: rounded(median(ratios)), range, pairs: ratios.length };
}

/** What failed, each thing once. */
export const errorsOf = (runs: readonly object[]): string[] => [
  ...new Set(runs.flatMap((run) => (failed(run) ? [run.error] : []))),
];
