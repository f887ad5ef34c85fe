// Computes every figure of docs/calibration.md and writes it, with test/goldens/calibration.json beside it.
//   npm run build && node scripts/calibrate.mjs        (about ten minutes on one core)
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as audit from "../dist/audit/index.js";
import * as util from "../dist/util/index.js";
import * as C from "./calibration.mjs";
import * as V from "./calibration-verdicts.mjs";

const L = { ...audit, random: util.random };
const digits = (value, n = 4) => Number(value.toFixed(n));
const log = (text) => process.stderr.write(`${text}\n`);
const AUDITS = 2000;

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
log("clusters");
const clusters = [
  { groups: 50, size: 4, rate: 0.5, correlation: 0.3 },
  { groups: 25, size: 8, rate: 0.5, correlation: 0.3 },
  { groups: 250, size: 4, rate: 0.9, correlation: 0.3 },
  { groups: 10, size: 5, rate: 0.5, correlation: 0.3 },
].map((given) => ({ ...given, ...C.clusteredCoverage(L, given, 2000) }));
log("seeds");
const seeds = [3, 5, 10, 20].map((count) => {
  const given = { seeds: count, n: 100, rate: 0.5, spread: 0.05 };
  return { ...given, coverage: C.hierarchicalCoverage(L, given, 500) };
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

const result = {
  madeBy: "scripts/calibrate.mjs",
  proportions,
  paired,
  oscillation,
  mcnemar,
  equivalence,
  verdicts,
  clusters,
  seeds,
  power,
};
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
writeFileSync(at("test/goldens/calibration.json"), `${JSON.stringify(result, null, 1)}\n`);

const percent = (value) => (100 * value).toFixed(2);
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
const inBand = (coverage) => coverage >= 0.935 && coverage <= 0.965;
const marked = (coverage) => (inBand(coverage) ? percent(coverage) : `**${percent(coverage)}**`);
const outside = paired.filter((row) => !inBand(row.coverage));
const least = (rows, key) => percent(Math.min(...rows.map((row) => row[key])));
const { attainable } = JSON.parse(readFileSync(at("test/goldens/statistics/paired-interval.json"), "utf8"));
const verdictFigures = JSON.parse(readFileSync(at("test/goldens/calibration-verdicts.json"), "utf8"));
const lost = attainable.reduce((sum, { cells, inside }) => sum + cells - inside, 0);
writeFileSync(
  at("docs/calibration.md"),
  `# Calibration

How often the intervals hold the truth and the tests err. Every figure is made by \`npm run build && node
scripts/calibrate.mjs\`, which writes this page and \`test/goldens/calibration.json\`; \`test/calibration.test.ts\` computes a
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
at least 93.5 % at every rate (\`scripts/goldens/paired_interval.py\`), finds how many of the cells with few pairs can be inside
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

## Questions that share an image (2,000 simulations, per cent; nominal 95)
Clusters with an intraclass correlation of 0.3: coverage of the interval that ignores them, and of ours.

${table(
  ["clusters", "questions each", "accuracy", "ignoring clusters", "with clusters"],
  clusters.map((r) => [r.groups, r.size, r.rate, percent(r.naive), percent(r.clustered)]),
)}

## Intervals over seeds (500 simulations, per cent; nominal 95)
Hierarchical bootstrap: training runs whose true accuracies have a standard deviation of 5 points, 100 examples each (so seeds and
examples contribute alike). It counts the examples' luck in both of its steps and covers a little too often.

${table(
  ["seeds", "coverage"],
  seeds.map((r) => [r.seeds, percent(r.coverage)]),
)}

## Power of one comparison (exact)
Superiority: own latents better by 5, 10 or 20 points, with 5 % of pairs discordant besides. Equivalence within two points:
1, 5 or 10 % of pairs discordant, no difference. \`lintel plan\` gives numbers of examples for whole verdicts.

${table(
  ["n", "+5", "+10", "+20", "equal, 1 %", "equal, 5 %", "equal, 10 %"],
  power.map((r) => [r.n, r.gain5, r.gain10, r.gain20, r.same1, r.same5, r.same10]),
)}

${V.marks[0]}
${V.section(verdictFigures)}${V.marks[1]}
`,
);
log("written: docs/calibration.md, test/goldens/calibration.json");
