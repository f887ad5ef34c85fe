/** The pure parts of `npm run bench:train`: what is chosen, compared and printed. test/bench.test.ts tests them. */

import { failed } from "../processes.ts";

/** What one process of a case says. */
export interface Run {
  threads: number;
  seconds: number;
  firstLoss: number;
  lastLoss: number;
  peakMiB: number;
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

/** The middle of some numbers, the upper one of two. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The faster of the runs that did not fail; null where all did. */
export function better(runs: readonly (Run | Failure)[]): Run | null {
  const done = runs.filter((run): run is Run => !failed(run));
  return done.length === 0 ? null : done.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

const errorsOf = (runs: readonly object[]): string[] => [
  ...new Set(runs.flatMap((run) => (failed(run) ? [run.error] : []))),
];

/** How far two runs are apart in loss, before the first update and after the last one; infinite where one has none. */
export function lossGap(
  a: Pick<Run, "firstLoss" | "lastLoss">,
  b: Pick<Run, "firstLoss" | "lastLoss">,
): number {
  const gaps = [a.firstLoss - b.firstLoss, a.lastLoss - b.lastLoss].map(Math.abs);
  return gaps.every(Number.isFinite) ? Math.max(...gaps) : Infinity;
}

/** Digits that mean something in a timing. */
export const rounded = (x: number): number => Number(x.toPrecision(4));

/** The line of a comparison. `ours` and `theirs` are runs of 1 and 2 threads; rates are of the better of each. */
export function comparison({
  name,
  peer,
  ours,
  theirs,
  versions,
}: {
  name: string;
  peer: string;
  ours: readonly (Run | Failure)[];
  theirs: readonly (Run | Failure)[];
  versions: Versions;
}) {
  const [a, b] = [better(ours), better(theirs)];
  const rate = (run: Run | null): number | null => (run ? rounded(1 / run.seconds) : null);
  const errors = errorsOf([...ours, ...theirs]);
  return {
    bench: "train",
    case: name,
    peer,
    ours: rate(a),
    theirs: rate(b),
    unit: "steps/s",
    ratio: a && b ? rounded(b.seconds / a.seconds) : null,
    threads: { ours: a?.threads ?? null, theirs: b?.threads ?? null },
    lossGap: a && b ? lossGap(a, b) : null,
    peakMiB: { ours: a ? Math.round(a.peakMiB) : null, theirs: b ? Math.round(b.peakMiB) : null },
    versions,
    ...(errors.length > 0 && { failed: errors }),
  };
}

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
