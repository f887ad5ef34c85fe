// What docs/calibration.md states, as functions of the library: run at length by scripts/calibrate.mjs, and in part by
// test/calibration.long.test.ts. `L` is what src/audit and src/util export.

export const sizes = [50, 200, 1000];
export const rates = [0.05, 0.5, 0.95];
/** Correlations of the two conditions' outcomes. */
export const correlations = [0, 0.3, 0.6, 0.9];

const covers = ([low, high], truth) => low <= truth && truth <= high;

/** Exact coverage of an interval of a proportion. */
export function proportionCoverage(L, interval, n, rate) {
  let covered = 0;
  for (let k = 0; k <= n; k++) {
    const chance = L.logBinomialDensity(k, n - k, rate);
    if (chance > -35 && covers(interval(k, n).value, rate)) covered += Math.exp(chance);
  }
  return covered;
}

/** Every table of n pairs with a chance worth counting: [b, c, probability]. */
function* tables(L, n, first, second) {
  for (let b = 0; b <= n; b++) {
    const outer = L.logBinomialDensity(b, n - b, first);
    if (outer < -30) continue;
    for (let c = 0; c <= n - b; c++) {
      const log = outer + L.logBinomialDensity(c, n - b - c, Math.min(1, second / (1 - first)));
      if (log > -30) yield [b, c, Math.exp(log)];
    }
  }
}

/** Rates of discordant pairs of two conditions with accuracies `rate` and `rate − gap` and a correlation. */
export function discordance(rate, gap, correlation) {
  const other = rate - gap;
  const both = rate * other + correlation * Math.sqrt(rate * (1 - rate) * other * (1 - other));
  return { first: rate - both, second: other - both };
}

/** Exact coverage of Tango's 95 % interval: the share of tables whose score test does not reject the truth. */
export function tangoCoverage(L, n, { first, second }) {
  const z = -L.normalQuantile(0.025);
  let covered = 0;
  for (const [b, c, p] of tables(L, n, first, second))
    if (Math.abs(L.scoreStatistic(b, c, n, first - second)) <= z) covered += p;
  return covered;
}

/** Exact coverage of the interval that audits report. `known`: intervals by table, kept between calls with the same n. */
export function pairedCoverage(L, n, { first, second }, known = new Map()) {
  let covered = 0;
  for (const [b, c, p] of tables(L, n, first, second)) {
    const key = b * (n + 1) + c;
    if (!known.has(key))
      known.set(key, L.pairedInterval({ n11: 0, n10: b, n01: c, n00: n - b - c }).value.interval);
    const [low, high] = known.get(key);
    // A limit is found to the last bit but one: the truth may be it.
    if (low - 1e-12 <= first - second && first - second <= high + 1e-12) covered += p;
  }
  return covered;
}

/** Exact chance that a true null is rejected by McNemar's test (two-sided, 5 %). */
export function mcnemarSize(L, n, half) {
  let rejected = 0;
  for (const [b, c, p] of tables(L, n, half, half)) if (L.mcnemar(b, c).p < 0.05) rejected += p;
  return rejected;
}

/** Exact chances of a false claim of equivalence at the margin: by the exact test, and by the normal p of its statistic. */
export function equivalenceSize(L, n, margin, second) {
  const critical = L.criticalScore(n, margin);
  const normal = -L.normalQuantile(0.05);
  const claimed = { exact: 0, normal: 0 };
  for (const [b, c, p] of tables(L, n, second + margin, second)) {
    const score = L.scoreStatistic(Math.min(b, c), Math.max(b, c), n, -margin);
    if (score >= critical) claimed.exact += p;
    if (score > normal) claimed.normal += p;
  }
  return claimed;
}

const dummies = ["zeros", "noise", "noise-matched", "mean", "other-own"];
const all = (rate) => Object.fromEntries(dummies.map((name) => [name, rate]));

/** Audits of models of which a verdict would be false. `shared`: chance that two conditions have the same luck. */
export const nulls = {
  "all equal": {
    n: 200,
    rates: { own: 0.5, oracle: 0.5, ...all(0.5) },
    shared: 0.7,
    wrong: ["load-bearing", "starved"],
  },
  "one dummy as good as own, the others far below": {
    n: 200,
    rates: { own: 0.5, oracle: 0.5, ...all(0.1), zeros: 0.5 },
    shared: 0.7,
    wrong: ["load-bearing", "starved"],
  },
  "one dummy at the margin": {
    n: 1000,
    rates: { own: 0.5, ...all(0.5), zeros: 0.48 },
    shared: 0.99,
    wrong: ["bypassed"],
  },
};

/** Outcomes with given accuracies, and the verdict on them. */
export function verdictOf(L, { n, rates: given, shared }, seed, alpha = 0.05) {
  const source = L.random(seed, "calibration");
  const names = Object.keys(given);
  const examples = Array.from({ length: n }, (_, i) => {
    const luck = source.uniform();
    const outcomes = {};
    for (const name of names) {
      const right = (source.uniform() < shared ? luck : source.uniform()) < given[name];
      outcomes[name] = {
        text: right ? "a" : "b",
        choice: right ? 0 : 1,
        optionLogProbabilities: null,
        blocks: 1,
        steps: 1,
        endings: [],
      };
    }
    return { example: String(i), answer: 0, options: ["a", "b"], outcomes };
  });
  const comparisons = L.compareAll(examples, names, { margin: 0.02, alpha });
  return L.judge(comparisons, { n, opened: n, outcomes: examples, alpha }).verdict;
}

/** How many of the audits with seeds from … to are judged wrongly. */
export function falseVerdicts(L, name, from, to) {
  let wrong = 0;
  for (let seed = from; seed < to; seed++)
    if (nulls[name].wrong.includes(verdictOf(L, nulls[name], seed))) wrong++;
  return wrong;
}
