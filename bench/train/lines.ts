/** The pure parts of `npm run bench:train`: what is chosen, compared and printed. test/bench.test.ts tests them. */

import { done, errorsOf, middle, type Pair, ratiosOf, rounded } from "../pairs.ts";
import { failed } from "../processes.ts";

/** What one process of a case says. */
export interface Run {
  threads: number;
  seconds: number;
  firstLoss: number;
  lastLoss: number;
  peakMiB: number;
  /** Seconds that the cores worked, of the cheapest step. */
  cpu?: number;
}

export interface Failure {
  threads: number;
  error: string;
}

export interface Products {
  threads: number;
  seconds: number;
  gflops: number;
  products: number;
}

/** null: of a peer that never answered. */
type Versions = Record<string, string | null>;

/** The faster of the runs that did not fail; null where all did. */
export function better(runs: readonly (Run | Failure)[]): Run | null {
  const ended = runs.filter((run): run is Run => !failed(run));
  return ended.length === 0 ? null : ended.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

/** How far two runs are apart in loss, before the first update and after the last one; infinite where one has none. */
export function lossGap(
  a: Pick<Run, "firstLoss" | "lastLoss">,
  b: Pick<Run, "firstLoss" | "lastLoss">,
): number {
  const gaps = [a.firstLoss - b.firstLoss, a.lastLoss - b.lastLoss].map(Math.abs);
  return gaps.every(Number.isFinite) ? Math.max(...gaps) : Infinity;
}

/** The line of pairs with as many threads on both sides: medians of their runs, and of the ratios of the pairs. */
export function comparison({
  name,
  peer,
  threads,
  pairs,
  versions,
}: {
  name: string;
  peer: string;
  threads: number;
  pairs: readonly Pair<Run>[];
  versions: Versions;
}) {
  const seconds = (side: "ours" | "theirs"): number | null => middle(pairs, side, (run) => run.seconds);
  const rate = (each: number | null): number | null => each && rounded(1 / each);
  const peak = (side: "ours" | "theirs"): number | null => {
    const found = done(pairs, side);
    return found.length > 0 ? Math.round(largest(found.map(({ peakMiB }) => peakMiB))) : null;
  };
  const gaps = pairs.flatMap(({ ours, theirs }) =>
    failed(ours) || failed(theirs) ? [] : [lossGap(ours, theirs)],
  );
  const errors = errorsOf(pairs.flatMap(({ ours, theirs }) => [ours, theirs]));
  return {
    bench: "train",
    case: `${name}, ${threads} thread${threads > 1 ? "s" : ""}`,
    peer,
    ours: rate(seconds("ours")),
    theirs: rate(seconds("theirs")),
    unit: "steps/s",
    ...ratiosOf(pairs, (run) => run.seconds),
    /** The same of the time that the cores worked, which other work on the machine moves less. */
    cpuRatio: ratiosOf(pairs, (run) => run.cpu).ratio,
    threads,
    lossGap: gaps.length > 0 ? largest(gaps) : null,
    peakMiB: { ours: peak("ours"), theirs: peak("theirs") },
    versions,
    ...(errors.length > 0 && { failed: errors }),
  };
}

const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));

/**
 * The line of a case's share of the ceiling: seconds of the step's matrix products alone, over those of the whole step,
 * with as many threads.
 */
export function ceiling({
  name,
  ours,
  products,
  versions,
}: {
  name: string;
  ours: readonly (Run | Failure)[];
  products: readonly (Products | Failure)[];
  versions: Versions;
}) {
  const step = better(ours);
  const alone = step && products.find(({ threads }) => threads === step.threads);
  const errors = errorsOf([...ours, ...products]);
  const known = step && alone && !failed(alone) ? { step, alone } : null;
  return {
    bench: "train",
    case: name,
    peer: "matrix products alone",
    ours: step ? rounded(step.seconds) : null,
    theirs: known ? rounded(known.alone.seconds) : null,
    unit: "s/step",
    share: known ? rounded(known.alone.seconds / known.step.seconds) : null,
    gflops: known ? rounded(known.alone.gflops) : null,
    products: known ? known.alone.products : null,
    threads: step?.threads ?? null,
    versions,
    ...(errors.length > 0 && { failed: errors }),
  };
}
