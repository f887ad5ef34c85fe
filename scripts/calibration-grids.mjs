// The simulated grids of docs/calibration.md: intervals over few seeds, and over questions that share images. `L` is what
// src/audit and src/util export.

const covers = ([low, high], truth) => low <= truth + 1e-12 && truth <= high + 1e-12;

/** Gamma variate (Marsaglia & Tsang 2000). */
function gamma(source, shape) {
  if (shape < 1) return gamma(source, shape + 1) * source.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = source.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(source.uniform()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A rate with a given mean and intraclass correlation (Beta law). */
function betaRate(source, rate, correlation) {
  if (correlation === 0) return rate;
  const scale = (1 - correlation) / correlation;
  const a = gamma(source, rate * scale);
  const b = gamma(source, (1 - rate) * scale);
  return a + b > 0 ? a / (a + b) : Number(source.uniform() < rate);
}

/** A rate of a law with two values: with chance √correlation everything hangs on one draw. */
const coinRate = (source, rate, correlation) => {
  const q = Math.sqrt(correlation);
  return q * Number(source.uniform() < rate) + (1 - q) * rate;
};

const rateOf = { beta: betaRate, coin: coinRate };

/**
 * Coverage of the 95 % interval of a mean accuracy over seeds. `spread`: standard deviation of the seeds' true accuracies
 * (Beta law); `shared`: chance that a seed has the luck that all seeds share with an example.
 */
export function seedCoverage(L, { seeds, n, rate, spread, shared = 0 }, runs, seed = 0) {
  const source = L.random(seed, "seeds", seeds, n, rate, spread, shared);
  const correlation = spread ** 2 / (rate * (1 - rate));
  const sizes = Array(n).fill(1);
  let [covered, refused, width] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const common = sizes.map(() => source.uniform());
    const totals = Array.from({ length: seeds }, () => {
      const own = betaRate(source, rate, correlation);
      return common.map((luck) => Number((source.uniform() < shared ? luck : source.uniform()) < own));
    });
    const { value } = L.seedAccuracy({ totals, sizes, same: true });
    if (!value) refused++;
    else {
      covered += Number(covers(value, rate));
      width += value[1] - value[0];
    }
  }
  const given = runs - refused;
  return { coverage: given > 0 ? covered / given : null, refused: refused / runs, width: width / given };
}

/** Coverage of the interval of a difference of two recipes over paired seeds. */
export function seedDifferenceCoverage(L, { seeds, n, rate, gap, spread, shared = 0 }, runs, seed = 0) {
  const source = L.random(seed, "seed differences", seeds, n, rate, gap, spread, shared);
  const sizes = Array(n).fill(1);
  const rates = [rate, rate - gap];
  let [covered, refused] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const common = sizes.map(() => source.uniform());
    const [first, second] = rates.map((each) => ({
      sizes,
      same: true,
      totals: Array.from({ length: seeds }, () => {
        const own = betaRate(source, each, spread ** 2 / (each * (1 - each)));
        return common.map((luck) => Number((source.uniform() < shared ? luck : source.uniform()) < own));
      }),
    }));
    const { value } = L.seedDifference(first, second);
    if (!value) refused++;
    else covered += Number(covers(value, gap));
  }
  return { coverage: refused < runs ? covered / (runs - refused) : null, refused: refused / runs };
}

/** Numbers of questions about each image. */
export const layouts = {
  "5 × 20": () => Array(5).fill(20),
  "10 × 20": () => Array(10).fill(20),
  "10 × 5": () => Array(10).fill(5),
  "20 × 10": () => Array(20).fill(10),
  "50 × 4": () => Array(50).fill(4),
  "200 × 3": () => Array(200).fill(3),
  "300, half of them twice": () => [...Array(150).fill(1), ...Array(150).fill(2)],
  "100 and 29 × 1–5": (source) => [100, ...Array.from({ length: 29 }, () => 1 + source.integer(5))],
  "3 × 40 and 17 × 1–5": (source) => [40, 40, 40, ...Array.from({ length: 17 }, () => 1 + source.integer(5))],
};

/** Coverage of the 95 % interval of an accuracy over questions that share images. */
export function clusterCoverage(L, { layout, rate, correlation, law }, runs, seed = 0) {
  const source = L.random(seed, "clusters", layout, rate, correlation, law);
  const out = { covered: 0, refused: 0, width: 0 };
  for (let run = 0; run < runs; run++) {
    const right = [];
    const ids = [];
    for (const [g, size] of layouts[layout](source).entries()) {
      const own = rateOf[law](source, rate, correlation);
      for (let i = 0; i < size; i++) {
        right.push(source.uniform() < own);
        ids.push(`g${g}`);
      }
    }
    const { value } = L.shareInterval(right, ids, 0.05);
    if (!value) out.refused++;
    else {
      out.covered += Number(covers(value, rate));
      out.width += value[1] - value[0];
    }
  }
  const given = runs - out.refused;
  return {
    coverage: given > 0 ? out.covered / given : null,
    refused: out.refused / runs,
    width: out.width / given,
  };
}

/**
 * Two conditions on questions that share images: coverage of the difference, false claims of a difference (where there is
 * none) and of equivalence (within a margin that the difference equals). `first` and `second`: intraclass correlations.
 */
export function clusterDifference(L, { layout, rate, gap, first, second, law }, runs, seed = 0) {
  const source = L.random(seed, "cluster differences", layout, rate, gap, first, second, law);
  const out = { covered: 0, refused: 0, different: 0, equivalent: 0 };
  for (let run = 0; run < runs; run++) {
    const counts = { n11: 0, n10: 0, n01: 0, n00: 0 };
    const differences = [];
    const ids = [];
    for (const [g, size] of layouts[layout](source).entries()) {
      const one = rateOf[law](source, rate, first);
      const other = rateOf[law](source, rate - gap, second);
      for (let i = 0; i < size; i++) {
        const luck = source.uniform();
        const a = Number(luck < one);
        const b = Number((source.uniform() < 0.5 ? luck : source.uniform()) < other);
        counts[`n${a}${b}`]++;
        differences.push(a - b);
        ids.push(`g${g}`);
      }
    }
    const { value } = L.clusteredComparison(counts, differences, ids, Math.abs(gap) || 0.1, 0.05);
    if (!value) {
      out.refused++;
      continue;
    }
    out.covered += Number(covers(value.interval, gap));
    const p = Math.max(value.p, L.mcnemar(counts.n10, counts.n01).p);
    out.different += Number(p < 0.05);
    out.equivalent += Number(value.equivalenceP < 0.05);
  }
  const given = runs - out.refused;
  return {
    coverage: given > 0 ? out.covered / given : null,
    refused: out.refused / runs,
    different: out.different / runs,
    equivalent: out.equivalent / runs,
  };
}

/**
 * Coverage of a main effect of a design of 8 runs (4 factors of two levels) over seeds. Runs with the first factor on vary
 * less from seed to seed than those without it.
 */
export function factorCoverage(L, { seeds, n, spread, quiet }, runs, seed = 0) {
  const source = L.random(seed, "factors", seeds, n, spread, quiet);
  const levels = ["0", "1"];
  const design = {
    tasks: ["t"],
    factors: { a: levels, b: levels, c: levels, d: levels },
    runs: Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => {
        const [a, b, c] = [i & 1, (i >> 1) & 1, (i >> 2) & 1];
        return [`r${i}`, { a: `${a}`, b: `${b}`, c: `${c}`, d: `${a ^ b ^ c}` }];
      }),
    ),
  };
  const truth = { a: 0.2, b: 0.05, c: 0, d: 0 };
  let [covered, all] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const cells = Object.entries(design.runs).flatMap(([recipe, has]) =>
      Array.from({ length: seeds }, (_, s) => {
        const rate = 0.6 + Object.entries(truth).reduce((sum, [f, by]) => sum + by * Number(has[f]), 0);
        const own = betaRate(source, rate, (has.a === "1" ? quiet : spread) ** 2 / (rate * (1 - rate)));
        let right = 0;
        for (let i = 0; i < n; i++) right += Number(source.uniform() < own);
        return {
          task: "t",
          recipe,
          seed: s,
          audits: [{ split: "eval", interventions: { own: { accuracy: right / n } } }],
        };
      }),
    );
    for (const { factor, interval } of L.factorEffects(cells, design, "own").effects) {
      if (interval === null) continue;
      all++;
      covered += Number(covers(interval, truth[factor]));
    }
  }
  return covered / all;
}

/** False verdicts of an audit that is looked at again, with more examples, where the first look was inconclusive. */
export function falseAfterLooks(L, verdictOf, given, ns, runs, corrected = true) {
  let wrong = 0;
  for (let seed = 0; seed < runs; seed++) {
    for (const [look, n] of ns.entries()) {
      const verdict = verdictOf(L, { ...given, n }, seed, corrected ? L.levelOf(look + 1) : 0.05);
      if (given.wrong.includes(verdict)) wrong++;
      if (verdict !== "inconclusive") break;
    }
  }
  return wrong / runs;
}
