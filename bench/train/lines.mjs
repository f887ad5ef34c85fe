// The pure parts of `npm run bench:train`: what is chosen, compared and printed. test/bench.test.ts tests them.

/** The middle of some numbers, the upper one of two. */
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The faster of the runs that did not fail; null where all did. */
export function better(runs) {
  const done = runs.filter(({ error }) => error === undefined);
  return done.length === 0 ? null : done.reduce((a, b) => (b.seconds < a.seconds ? b : a));
}

/** How far two runs are apart in loss, before the first update and after the last one; infinite where one has none. */
export function lossGap(a, b) {
  const gaps = [a.firstLoss - b.firstLoss, a.lastLoss - b.lastLoss].map(Math.abs);
  return gaps.every(Number.isFinite) ? Math.max(...gaps) : Infinity;
}

/** Digits that mean something in a timing. */
export const rounded = (x) => (x === null ? null : Number(x.toPrecision(4)));

/** The line of a comparison. `ours` and `theirs` are runs of 1 and 2 threads; rates are of the better of each. */
export function comparison({ name, peer, ours, theirs, versions }) {
  const [a, b] = [better(ours), better(theirs)];
  const rate = (run) => (run ? rounded(1 / run.seconds) : null);
  const failed = [...ours, ...theirs].flatMap(({ error }) => (error === undefined ? [] : [error]));
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
    ...(failed.length > 0 && { failed: [...new Set(failed)] }),
  };
}

/**
 * The line of a case's share of the ceiling: seconds of the step's matrix products alone, over those of the whole step,
 * with as many threads.
 */
export function ceiling({ name, ours, products, versions }) {
  const step = better(ours);
  const alone = step && products.find(({ threads }) => threads === step.threads);
  const failed = [...ours, ...products].flatMap(({ error }) => (error === undefined ? [] : [error]));
  const known = step && alone && alone.error === undefined;
  return {
    bench: "train",
    case: name,
    peer: "matrix products alone",
    ours: step ? rounded(step.seconds) : null,
    theirs: known ? rounded(alone.seconds) : null,
    unit: "s/step",
    share: known ? rounded(alone.seconds / step.seconds) : null,
    gflops: known ? rounded(alone.gflops) : null,
    products: known ? alone.products : null,
    threads: step?.threads ?? null,
    versions,
    ...(failed.length > 0 && { failed: [...new Set(failed)] }),
  };
}
