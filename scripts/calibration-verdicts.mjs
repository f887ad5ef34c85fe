// What docs/calibration.md states of verdicts, as functions of the library: run at length by scripts/calibrate-verdicts.mjs,
// and in part by test/calibration-verdicts.test.ts. `L` is what src/audit and src/util export. No models: outcomes are drawn.

export const sizes = [50, 100, 200, 300, 500, 1000, 2000];
export const owns = [0.25, 0.3, 0.32, 0.33, 0.35, 0.4, 0.45, 0.6, 0.8, 0.95];
const oracle = 0.95;
const dummy = 0.25;
/** Own accuracy that closes exactly a tenth of the way. */
const boundary = dummy + 0.1 * (oracle - dummy);
/**
 * How outcomes of one example depend on each other. nested: a condition is right wherever a worse one is. opposed: own
 * latents are right where dummies are wrong, as far as they can be.
 */
export const dependences = ["independent", "shared", "nested", "opposed"];

/** Between these stands the section in docs/calibration.md. */
export const marks = ["<!-- verdicts -->", "<!-- /verdicts -->"];

const dummies = ["zeros", "noise", "noise-matched", "mean", "other-own"];
const conditions = ["own", "oracle", ...dummies];
const IN_DISTRIBUTION = [4, 5, 6];
const ALPHA = 0.05;
const MARGIN = 0.02;

/** Examples by which conditions answer them rightly: bit i for the i-th of `conditions`. */
function draw(source, n, rates, dependence) {
  const counts = new Uint32Array(1 << conditions.length);
  for (let i = 0; i < n; i++) {
    const common = source.uniform();
    let mask = 0;
    for (let c = 0; c < rates.length; c++) {
      let luck = common;
      if (dependence === "independent") luck = source.uniform();
      else if (dependence === "shared" && source.uniform() < 0.5) luck = source.uniform();
      else if (dependence === "opposed" && c === 0) luck = 1 - common;
      if (luck < rates[c]) mask |= 1 << c;
    }
    counts[mask]++;
  }
  return counts;
}

const rightOf = (counts, c) => {
  let right = 0;
  for (let mask = 0; mask < counts.length; mask++) if (mask & (1 << c)) right += counts[mask];
  return right;
};

const tableOf = (counts, one, other) => {
  const table = { n11: 0, n10: 0, n01: 0, n00: 0 };
  for (let mask = 0; mask < counts.length; mask++)
    if (counts[mask] > 0) table[`n${(mask >> one) & 1}${(mask >> other) & 1}`] += counts[mask];
  return table;
};

/** A comparison as the verdict reads it; its costly numbers are made when they are asked for. */
function comparison(L, counts, n, one, other) {
  const table = tableOf(counts, one, other);
  return {
    intervention: conditions[one],
    reference: conditions[other],
    difference: (table.n10 - table.n01) / n,
    get mcnemarP() {
      return L.mcnemar(table.n10, table.n01).p;
    },
    get equivalent() {
      // Where the normal p-value of the same statistic is far from 5 %, the exact one is not worth its time.
      const [less, more] = [Math.min(table.n10, table.n01), Math.max(table.n10, table.n01)];
      if (L.normalCdf(-L.scoreStatistic(less, more, n, -MARGIN)) > 0.1) return false;
      return L.equivalence(table, MARGIN, ALPHA).value.equivalent;
    },
  };
}

/** own − 0.9 · mean of in-distribution dummies − 0.1 · oracle, as groups of equal values. */
function contrast(counts, share) {
  const groups = new Map();
  for (let mask = 0; mask < counts.length; mask++) {
    if (counts[mask] === 0) continue;
    const right = IN_DISTRIBUTION.reduce((sum, c) => sum + ((mask >> c) & 1), 0);
    const key = (mask & 3) | (right << 2);
    const value = (mask & 1) - (1 - share) * (right / IN_DISTRIBUTION.length) - share * ((mask >> 1) & 1);
    groups.set(key, [value, (groups.get(key)?.[1] ?? 0) + counts[mask]]);
  }
  return [...groups.values()];
}

/** The guards of readable answers (audit/judge/guards.ts) by counts: zeros and noise may break the answer. */
function guards(L, counts, n, chance) {
  const level = ALPHA / dummies.length;
  const condition = (c) => {
    const right = rightOf(counts, c);
    return { n, right, answered: n, chance, above: L.binomialTest(right, n, chance).p < ALPHA };
  };
  const broken = dummies.filter((_, d) => {
    const c = d + 2;
    if (IN_DISTRIBUTION.includes(c)) return false;
    if (L.binomialTest(rightOf(counts, c), n, chance - MARGIN, "less").p >= level) return false;
    const { n10, n01 } = tableOf(counts, 0, c);
    return n10 > n01 && L.mcnemar(n10, n01).p < level;
  });
  const basis = dummies.filter((name) => !broken.includes(name));
  return {
    readable: 0.8,
    own: condition(0),
    oracle: condition(1),
    unreadable: {},
    broken: Object.fromEntries(broken.map((name) => [name, ""])),
    basis,
    inDistribution: basis.filter((name) => IN_DISTRIBUTION.includes(conditions.indexOf(name))),
  };
}

/** The verdict on drawn outcomes, by the library's own rule. */
function verdictOf(L, counts, n, share = 0.1) {
  const rows = [];
  for (let c = 1; c < conditions.length; c++) rows.push(comparison(L, counts, n, c, 0));
  for (let c = 2; c < conditions.length; c++) rows.push(comparison(L, counts, n, c, 1));
  return L.decide(rows, guards(L, counts, n, dummy), () => L.boundedMeanTest(contrast(counts, share), 1).p);
}

/** What was called starved before: the oracle beats every dummy and own latents, and own latents do not beat all dummies. */
function formerly(L, counts) {
  const beats = (one, other) => {
    const { n10, n01 } = tableOf(counts, one, other);
    return n10 > n01 && L.mcnemar(n10, n01).p < ALPHA;
  };
  const all = [2, 3, 4, 5, 6];
  return !all.every((c) => beats(0, c)) && [0, ...all].every((c) => beats(1, c)) ? "starved" : "other";
}

/** How often each verdict is given; `former`: how often the former rule said starved. */
export function verdictRates(L, { own, n, dependence, reach = oracle, low = dummy }, audits, from = 0) {
  const rates = [own, reach, low, low, low, low, low];
  const found = { "load-bearing": 0, starved: 0, bypassed: 0, inconclusive: 0, former: 0 };
  for (let seed = from; seed < from + audits; seed++) {
    const counts = draw(L.random(seed, "verdicts", `${own} ${n} ${dependence}`), n, rates, dependence);
    found[verdictOf(L, counts, n)]++;
    if (formerly(L, counts) === "starved") found.former++;
  }
  return found;
}

/** Whether a verdict is false of a model whose oracle is far above its dummies. */
export const isFalse = (verdict, own) =>
  verdict === "starved"
    ? own > boundary + 1e-9
    : verdict === "load-bearing"
      ? own <= dummy
      : verdict === "bypassed";

/** How often the contrast's t test, and Gaffke's, say "at most a tenth" where own latents close exactly that. */
export function contrastSize(L, { n, dependence }, audits) {
  const rates = [boundary, oracle, dummy, dummy, dummy, dummy, dummy];
  const said = { gaffke: 0, t: 0 };
  for (let seed = 0; seed < audits; seed++) {
    const counts = draw(L.random(seed, "contrast", `${n} ${dependence}`), n, rates, dependence);
    const values = contrast(counts, 0.1);
    const { mean, deviation } = L.contrastOf(values, 1);
    if (L.boundedMeanTest(values, 1).p < ALPHA) said.gaffke++;
    if (Math.exp(L.logStudentCdf((mean / deviation) * Math.sqrt(n - 1), n - 1)) < ALPHA) said.t++;
  }
  return said;
}

/** Verdicts on models of whose answers at most a share below the bar can be read, whatever else is true of them. */
export function unreadableVerdicts(L, audits) {
  const found = {};
  for (let seed = 0; seed < audits; seed++) {
    const source = L.random(seed, "unreadable");
    const n = [60, 150, 300][source.integer(3)];
    const read = 0.7 * source.uniform();
    const rates = conditions.map(() => source.uniform());
    const examples = Array.from({ length: n }, (_, i) => ({
      example: String(i),
      answer: 0,
      options: ["a", "b", "c", "d"],
      outcomes: Object.fromEntries(
        conditions.map((name, c) => {
          const choice = source.uniform() < read ? (source.uniform() < rates[c] ? 0 : 1) : null;
          return [name, { text: "", choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] }];
        }),
      ),
    }));
    const rows = L.compareAll(examples, conditions, { margin: MARGIN, alpha: ALPHA });
    const { verdict } = L.judge(rows, { n, opened: n, outcomes: examples });
    found[verdict] = (found[verdict] ?? 0) + 1;
  }
  return found;
}

const percent = (count, of) => ((100 * count) / of).toFixed(1);
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The section of docs/calibration.md, from test/goldens/calibration-verdicts.json. */
export function section({ audits, cells, contrast: contrasts, contrastAudits, unreadable }) {
  const of = (own, n) => cells.filter((cell) => cell.own === own && cell.n === n);
  const falsely = (cell) =>
    Object.entries(cell.found).reduce(
      (sum, [verdict, count]) => sum + (verdict !== "former" && isFalse(verdict, cell.own) ? count : 0),
      0,
    );
  const most = (own, n, count) => percent(Math.max(...of(own, n).map(count)), audits);
  const grid = (count, rows = owns) =>
    table(
      ["own", ...sizes.map((n) => `n = ${n}`)],
      rows.map((own) => [own, ...sizes.map((n) => most(own, n, count))]),
    );
  const all = Math.max(...cells.map(falsely));
  const size = (key) => percent(Math.max(...contrasts.map((row) => row[key])), contrastAudits);
  return `## Verdicts: what "starved" takes (${audits.toLocaleString("en-US")} simulated audits a cell)
Made by \`npm run build && node scripts/calibrate-verdicts.mjs\` (about a minute of one core; outcomes are drawn, no model runs). Oracle ${oracle},
dummies ${dummy}, chance 0.25; own accuracy and n as in the tables; the outcomes of one example independent, with half of their
noise in common, nested (right wherever a worse condition is), or opposed (own right where dummies are wrong).

**The test.** A model is starved if its oracle beats every content-free control (exact McNemar, each at two-sided 5 %) and chance (exact
binomial, 5 %), and its own latents close at most a share t = 0.1 of the way from the best in-distribution dummy D to the oracle O:
own ≤ (1 − t) · max D + t · O. The mean of the dummies is at most their maximum, so own ≤ (1 − t) · mean D + t · O implies it, whichever
dummy is best: no dummy is selected, and no correction is due. Per example the contrast own − (1 − t) · mean D − t · O is a number
from −1 to 1; that its mean is below 0 is tested by Gaffke's bound for bounded variables, which assumes neither a
distribution nor independence between conditions (\`src/statistics/bounded-mean.ts\`). With shared images a cluster's sum is one
value. All tests have to succeed (intersection–union): the verdict is false at most as often as the weakest of them.

Where own latents close exactly a tenth (own ${boundary.toFixed(2)}), the share of audits in which "at most a tenth" is shown, per cent
(nominal 5; ${contrastAudits.toLocaleString("en-US")} audits a cell). A t test of the same contrast is what few telling cells break: it reaches ${size("t")} %, Gaffke's ${size("gaffke")} %
(5.0 within the error of the simulation).

${table(
  ["outcomes", "test", ...sizes.map((n) => `n = ${n}`)],
  dependences.flatMap((dependence) =>
    [
      ["Gaffke", "gaffke"],
      ["t", "t"],
    ].map(([name, key]) => [
      dependence,
      name,
      ...sizes.map((n) =>
        percent(contrasts.find((row) => row.n === n && row.dependence === dependence)[key], contrastAudits),
      ),
    ]),
  ),
)}

False verdicts of any kind, per cent: the largest of the four dependences. Starved is false above own ${boundary.toFixed(2)}, load-bearing at
own ${dummy}, bypassed everywhere. The largest of all ${cells.length} cells is ${percent(all, audits)} %.

${grid(falsely)}

Called starved by the former rule (own latents not significantly better than every dummy, oracle better than all), the largest of
the four dependences; every figure above own ${boundary.toFixed(2)} is false:

${grid(({ found }) => found.former)}

Power. Starved is shown, per cent of audits, where own latents are as good as the dummies (own ${dummy}):

${table(
  ["outcomes", ...sizes.map((n) => `n = ${n}`)],
  dependences.map((dependence) => [
    dependence,
    ...sizes.map((n) =>
      percent(of(dummy, n).find((cell) => cell.dependence === dependence).found.starved, audits),
    ),
  ]),
)}

Load-bearing is shown, per cent of audits, the least of the four dependences:

${table(
  ["own", ...sizes.map((n) => `n = ${n}`)],
  owns
    .filter((own) => own > dummy)
    .map((own) => [
      own,
      ...sizes.map((n) => percent(Math.min(...of(own, n).map((cell) => cell.found["load-bearing"])), audits)),
    ]),
)}

Models of whose answers at most 70 % can be read, with any accuracies (${Object.values(unreadable).reduce((a, b) => a + b, 0)} audits): ${Object.entries(
    unreadable,
  )
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(", ")}.
`;
}
