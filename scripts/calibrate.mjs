// Computes every figure of docs/calibration.md and writes it, with test/goldens/calibration.json beside it.
//   npm run build && node scripts/calibrate.mjs        (about an hour on one core)
//   node scripts/calibrate.mjs --only seeds,clusters   (these sections anew, the others as they lie there)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as audit from "../dist/audit/index.js";
import * as statistics from "../dist/statistics/index.js";
import { factorEffects } from "../dist/study/frontier/factors.js";
import * as util from "../dist/util/index.js";
import * as C from "./calibration.mjs";
import * as G from "./calibration-grids.mjs";
import * as O from "./calibration-oracle-format.mjs";
import { gridText } from "./calibration-text.mjs";
import * as V from "./calibration-verdicts.mjs";

const L = { ...audit, ...statistics, random: util.random, factorEffects };
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const golden = "test/goldens/calibration.json";
const only = process.argv[2] === "--only" ? process.argv[3].split(",") : null;
const digits = (value, n = 4) => Number(value.toFixed(n));
const log = (text) => process.stderr.write(`${text}\n`);
const AUDITS = 2000;
/** Simulations of each cell of the grids. */
const RUNS = { seeds: 500, seedDifferences: 500, factors: 400, clusters: 1000, clusterDifferences: 1000 };

/** Sums over every table, and the verdicts. */
function exactly() {
  log("coverage of proportions");
  const proportions = C.sizes.flatMap((n) =>
    C.rates.map((rate) => ({
      n,
      rate,
      midP: digits(C.proportionCoverage(L, L.proportionInterval, n, rate)),
      wilson: digits(C.proportionCoverage(L, L.wilson, n, rate)),
    })),
  );
  log("coverage of paired differences");
  const intervals = new Map([50, 200, 1000].map((n) => [n, new Map()]));
  const paired = C.sizes.flatMap((n) =>
    C.rates.flatMap((rate) =>
      [0, 0.02].flatMap((gap) =>
        C.correlations.flatMap((correlation) => {
          const pairs = C.discordance(rate, gap, correlation);
          if (pairs.second < 0 || pairs.first < 0) return [];
          const expected = digits(n * (pairs.first + pairs.second), 1);
          const coverage = digits(C.pairedCoverage(L, n, pairs, intervals.get(n)));
          return [
            { n, rate, gap, correlation, expected, coverage, tango: digits(C.tangoCoverage(L, n, pairs)) },
          ];
        }),
      ),
    ),
  );
  const oscillation = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20].map((expected) => {
    const half = { first: expected / 400, second: expected / 400 };
    return {
      expected,
      coverage: digits(C.pairedCoverage(L, 200, half, intervals.get(200))),
      tango: digits(C.tangoCoverage(L, 200, half)),
    };
  });
  log("sizes of tests");
  const mcnemar = C.sizes.flatMap((n) =>
    [0.02, 0.1, 0.25].map((half) => ({ n, half, size: digits(C.mcnemarSize(L, n, half)) })),
  );
  const equivalence = [
    [60, 0.1],
    [200, 0.02],
    [200, 0.05],
    [1000, 0.02],
  ].flatMap(([n, margin]) =>
    [0, 0.005, 0.02, 0.1, 0.3].map((second) => {
      const { exact, normal } = C.equivalenceSize(L, n, margin, second);
      return { n, margin, second, exact: digits(exact), normal: digits(normal) };
    }),
  );
  const verdicts = Object.keys(C.nulls).map((name) => {
    log(`false verdicts: ${name}`);
    const first = C.falseVerdicts(L, name, 0, 40);
    return {
      name,
      n: C.nulls[name].n,
      audits: AUDITS,
      first40: first,
      wrong: first + C.falseVerdicts(L, name, 40, AUDITS),
    };
  });
  log("power");
  const power = [100, 200, 500, 1000, 2000].map((n) => ({
    n,
    gain5: digits(L.exactMcnemarPower(n, { first: 0.075, second: 0.025 }), 3),
    gain10: digits(L.exactMcnemarPower(n, { first: 0.125, second: 0.025 }), 3),
    gain20: digits(L.exactMcnemarPower(n, { first: 0.225, second: 0.025 }), 3),
    same1: digits(L.exactEquivalencePower(n, { first: 0.005, second: 0.005 }), 3),
    same5: digits(L.exactEquivalencePower(n, { first: 0.025, second: 0.025 }), 3),
    same10: digits(L.exactEquivalencePower(n, { first: 0.05, second: 0.05 }), 3),
  }));

  return { proportions, paired, oscillation, mcnemar, equivalence, verdicts, power };
}

const cells = (keys, each) =>
  keys
    .reduce(
      (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
      [{}],
    )
    .map(each);
const laws = [
  ["beta", 0],
  ["beta", 0.1],
  ["beta", 0.3],
  ["beta", 0.6],
  ["coin", 0.1],
  ["coin", 0.3],
  ["coin", 0.6],
];

/** The simulated grids by section. */
const grids = {
  seeds: () =>
    cells(
      [
        ["shared", [0, 0.4]],
        ["n", [60, 300, 1000]],
        ["rate", [0.25, 0.5, 0.9, 0.95]],
        ["spread", [0, 0.02, 0.05, 0.1, 0.2]],
        ["seeds", [2, 3, 5, 10]],
      ],
      (given) => ({ ...given, ...rounded(G.seedCoverage(L, given, RUNS.seeds)) }),
    ),
  seedDifferences: () =>
    cells(
      [
        ["shared", [0, 0.4]],
        [
          "pair",
          [
            [0.5, 0],
            [0.9, 0.1],
            [0.95, 0],
            [0.95, 0.45],
          ],
        ],
        ["spread", [0, 0.05, 0.1, 0.2]],
        ["seeds", [2, 3, 5, 10]],
      ],
      ({ pair: [rate, gap], ...given }) => ({
        ...{ ...given, rate, gap, n: 300 },
        ...rounded(G.seedDifferenceCoverage(L, { ...given, rate, gap, n: 300 }, RUNS.seedDifferences)),
      }),
    ),
  factors: () =>
    [2, 3, 5].flatMap((count) =>
      [
        [0.05, 0.05],
        [0.1, 0.02],
      ].map(([spread, quiet]) => {
        const given = { seeds: count, n: 300, spread, quiet };
        return { ...given, coverage: digits(G.factorCoverage(L, given, RUNS.factors)) };
      }),
    ),
  clusters: () =>
    Object.keys(G.layouts).flatMap((layout) =>
      [0.25, 0.5, 0.9, 0.95].flatMap((rate) =>
        laws.map(([law, correlation]) => {
          const given = { layout, rate, law, correlation };
          return { ...given, ...rounded(G.clusterCoverage(L, given, RUNS.clusters)) };
        }),
      ),
    ),
  clusterDifferences: () =>
    Object.keys(G.layouts).flatMap((layout) =>
      [
        [0.5, 0],
        [0.9, 0],
        [0.95, 0],
        [0.75, 0.1],
        [0.95, 0.05],
      ].flatMap(([rate, gap]) =>
        [
          ["beta", 0.3, 0.3],
          ["beta", 0.6, 0],
          ["coin", 0.3, 0.3],
          ["coin", 0.9, 0.1],
        ].map(([law, first, second]) => {
          const given = { layout, rate, gap, law, first, second };
          return { ...given, ...rounded(G.clusterDifference(L, given, RUNS.clusterDifferences)) };
        }),
      ),
    ),
  looks: () =>
    [
      ["one dummy as good as own, the others far below", [200, 400, 800]],
      ["one dummy at the margin", [1000, 2000]],
    ].map(([name, ns]) => {
      const runs = name === "one dummy at the margin" ? 100 : 400;
      const given = C.nulls[name];
      return {
        ...{ name, ns, runs },
        uncorrected: digits(G.falseAfterLooks(L, C.verdictOf, given, ns, runs, false)),
        corrected: digits(G.falseAfterLooks(L, C.verdictOf, given, ns, runs, true)),
      };
    }),
};

const rounded = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, value === null ? null : digits(value)]),
  );

const computed = only === null ? exactly() : {};
for (const [name, compute] of Object.entries(grids)) {
  if (only !== null && !only.includes(name)) continue;
  log(name);
  computed[name] = compute();
}
const before = only === null ? {} : JSON.parse(readFileSync(at(golden), "utf8"));
const result = { ...before, madeBy: "scripts/calibrate.mjs", ...computed };
writeFileSync(at(golden), `${JSON.stringify(result, null, 1)}\n`);
const { proportions, paired, oscillation, mcnemar, equivalence, verdicts, power } = result;
const { seeds, seedDifferences, factors, clusters, clusterDifferences, looks } = result;

const percent = (value) => (100 * value).toFixed(2);
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
const inBand = (coverage) => coverage >= 0.935 && coverage <= 0.965;
const marked = (coverage) => (inBand(coverage) ? percent(coverage) : `**${percent(coverage)}**`);
const outside = paired.filter((row) => !inBand(row.coverage));
const least = (rows, key) => percent(Math.min(...rows.map((row) => row[key])));
const { attainable } = JSON.parse(readFileSync(at("test/goldens/statistics/paired-interval.json"), "utf8"));
const verdictFigures = JSON.parse(readFileSync(at("test/goldens/calibration-verdicts.json"), "utf8"));
const oracleFormat = JSON.parse(readFileSync(at("test/goldens/calibration-oracle-format.json"), "utf8"));
const lost = attainable.reduce((sum, { cells, inside }) => sum + cells - inside, 0);
writeFileSync(
  at("docs/calibration.md"),
  `# Calibration

How often the intervals hold the truth and the tests err. Every figure is made by \`npm run build && node
scripts/calibrate.mjs\`, which writes this page and \`test/goldens/calibration.json\`; \`test/calibration.long.test.ts\` computes a
part of them anew. "Exact" figures are sums over every possible table, without simulation.

## 95 % interval of an accuracy (exact, per cent)
The interval is mid-p Clopper–Pearson: of the usual ones it alone stays between 93.5 and 96.5 % in every cell.

${table(
  ["n", "true accuracy", "mid-p", "Wilson"],
  proportions.map((r) => [r.n, r.rate, percent(r.midP), percent(r.wilson)]),
)}

## 95 % interval of a paired difference (exact, per cent)
The mid-p score interval: every difference at which neither tail of Tango's statistic, summed exactly at the most likely rates,
has less than 2.5 %. ${paired.length - outside.length} of ${paired.length} cells lie between 93.5 and 96.5 %, none below (Tango's own: ${paired.filter((r) => inBand(r.tango)).length}, the least ${least(paired, "tango")}). The others, printed bold, cover
too much: at most ${Math.max(...outside.map((r) => r.expected))} discordant pairs are expected there.

${table(
  ["n", "accuracy", "difference", "correlation", "discordant pairs expected", "mid-p score", "Tango"],
  paired.map((r) => [r.n, r.rate, r.gap, r.correlation, r.expected, marked(r.coverage), marked(r.tango)]),
)}

**What no interval can do.** Tables are few there: with half a discordant pair expected, 61 % of audits see none and 30 % one.
To miss the truth in 3.5 to 6.5 % of audits of every cell, an interval would have to exclude 0 after two pairs against none
where half a pair is expected (it would then miss 13.5 % where 1.9 are), and after three against none where 1.9 are (it would
then miss 8.5 % where 3 are). Integer programming over all rules that more pairs of one kind do not turn round, and that cover
at least 93.5 % at every rate (\`python/lintel_reference/goldens/paired_interval.py\`), finds how many of the cells with few pairs can be inside
at once: at least ${lost} of the ${paired.length} must lie outside; of the interval above ${outside.length} do.

${table(
  ["n", "difference", "expected, at most", "cells", "can be inside", "mid-p score", "Tango"],
  attainable.map(({ n, gap, most, cells, inside }) => {
    const rows = paired.filter((r) => r.n === n && r.gap === gap && r.expected <= most);
    const count = (key) => rows.filter((r) => inBand(r[key])).length;
    return [n, gap, most, cells, inside, count("coverage"), count("tango")];
  }),
)}

How coverage goes up and down with the number of discordant pairs expected, n = 200, no difference:

${table(
  ["expected", "mid-p score", "Tango"],
  oscillation.map((r) => [r.expected, percent(r.coverage), percent(r.tango)]),
)}

Others tried, at n = 50 and 200 where few pairs are expected: Wald's covers as little as 63.5 %; Bonett and Price's, Agresti and
Min's and the estimated p-value without mid-p cover more than Tango's where there is no difference, and leave more cells outside.

## False claims of a difference (exact, per cent; nominal 5)
Exact McNemar test, both conditions equally good; \`half\` is the rate of each kind of discordant pair.

${table(
  ["n", "half", "rejected"],
  mcnemar.map((r) => [r.n, r.half, percent(r.size)]),
)}

## False claims of equivalence at the margin (exact, per cent; nominal 5)
The difference equals the margin; \`second\` is the rate of the rarer kind of discordant pair. The exact unconditional test is
what audits use; the normal p-value of the same statistic is what they used before.

${table(
  ["n", "margin", "second", "exact test", "normal p"],
  equivalence.map((r) => [r.n, r.margin, r.second, percent(r.exact), percent(r.normal)]),
)}

## False verdicts (${AUDITS.toLocaleString("en-US")} simulated audits each)
Family-wise: one audit with all its comparisons and one verdict.

${table(
  ["truth", "n", "wrong verdicts", "per cent"],
  verdicts.map((r) => [r.name, r.n, r.wrong, percent(r.wrong / r.audits)]),
)}

${gridText({ runs: RUNS, seeds, seedDifferences, factors, clusters, clusterDifferences, looks })}

## Power of one comparison (exact)
Superiority: own latents better by 5, 10 or 20 points, with 5 % of pairs discordant besides. Equivalence within two points:
1, 5 or 10 % of pairs discordant, no difference. \`lintel plan\` gives numbers of examples for whole verdicts.

${table(
  ["n", "+5", "+10", "+20", "equal, 1 %", "equal, 5 %", "equal, 10 %"],
  power.map((r) => [r.n, r.gain5, r.gain10, r.gain20, r.same1, r.same5, r.same10]),
)}

${V.marks[0]}
${V.section(verdictFigures)}${V.marks[1]}

${O.marks[0]}
${O.section(oracleFormat)}${O.marks[1]}
`,
);
log("written: docs/calibration.md, test/goldens/calibration.json");
