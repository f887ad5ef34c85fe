// The sections of docs/calibration.md about the simulated grids.

const percent = (value) => (100 * value).toFixed(1);
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
/** Beyond what this many simulations can tell from the band. */
const noise = (runs) => 2 * Math.sqrt((0.05 * 0.95) / runs);
const inBand = (value, runs) => value >= 0.935 - noise(runs) && value <= 0.965 + noise(runs);
const shown = (value, runs, refused = 0) =>
  value === null
    ? "refused"
    : `${inBand(value, runs) ? percent(value) : `**${percent(value)}**`}${refused > 0.005 ? ` (${percent(refused)} refused)` : ""}`;
const unique = (rows, key) => [...new Set(rows.map((row) => row[key]))];
const ends = (rows, key = "coverage") => {
  const values = rows.map((row) => row[key]).filter((value) => value !== null);
  return `${percent(Math.min(...values))} to ${percent(Math.max(...values))}`;
};

const listBelow = (rows, name) =>
  rows.length === 0
    ? "No cell lies below the band."
    : `Below the band: ${rows.map((r) => `${percent(r.coverage)} (${name(r)})`).join("; ")}.`;

export function gridText({
  runs,
  seeds,
  seedDifferences,
  factors = [],
  clusters,
  clusterDifferences,
  looks = [],
}) {
  const below = (rows, count) =>
    rows.filter((row) => row.coverage !== null && row.coverage < 0.935 - noise(count));
  const tally = (rows, count) => {
    const given = rows.filter((row) => row.coverage !== null);
    const inside = given.filter((row) => inBand(row.coverage, count)).length;
    return `${inside} of ${given.length} cells in the band, ${below(rows, count).length} below, ${given.length - inside - below(rows, count).length} above`;
  };
  const inner = seeds.filter((row) => row.rate <= 0.5 && row.seeds > 2);
  const edge = seeds.filter((row) => row.rate > 0.5);
  const seedTable = (shared) =>
    table(
      ["n", "accuracy", "SD of seeds", ...unique(seeds, "seeds").map((count) => `${count} seeds`)],
      unique(seeds, "n").flatMap((n) =>
        unique(seeds, "rate").flatMap((rate) =>
          unique(seeds, "spread").map((spread) => {
            const row = seeds.filter(
              (each) =>
                each.shared === shared && each.n === n && each.rate === rate && each.spread === spread,
            );
            return [n, rate, spread, ...row.map((each) => shown(each.coverage, runs.seeds, each.refused))];
          }),
        ),
      ),
    );
  const same = clusterDifferences.filter(({ gap }) => gap === 0);
  const apart = clusterDifferences.filter(({ gap }) => gap !== 0);
  return `## Intervals over seeds (simulated, per cent; nominal 95)
Seeds' true accuracies follow a Beta law with the given mean and standard deviation (SD). ${runs.seeds} simulations a cell. Bold:
outside 93.5 to 96.5 by more than two standard errors of the simulation (${percent(noise(runs.seeds))}). ${tally(seeds, runs.seeds)}.

The interval is Student's t on the seeds' means, inverted at the error of each rate (as Wilson's interval is), with the noise of
the examples, which all seeds share, added at its own quantile. For accuracies of 25 and 50 % and three or more seeds it
covers ${ends(inner)}. Near 0 and 1 (a mean below 20 or above 80 %) and where all seeds are equally good it is joined with the
likelihood interval of the beta-binomial law and covers ${ends(edge)}: of runs at 95 % with an SD of 10 points most are perfect
and one in ten fails, no interval from three of them can know whether it saw the one that fails, and one that allows for it
covers too much where seeds hardly differ. Two seeds leave one degree of freedom; with few examples their means are often equal
or a single answer apart, and the interval covers too much. ${listBelow(below(seeds, runs.seeds), (r) => `${r.seeds} seeds, n = ${r.n}, accuracy ${r.rate}, SD ${r.spread}, shared noise ${r.shared}`)}
The hierarchical bootstrap that was used before covered 71 to 86 % at three to five seeds.

Examples answered independently by each seed:

${seedTable(0)}

Seeds share the noise of 40 % of the examples (some questions are harder for all of them). A t interval on the seeds' means alone
covers as little as 65 % here:

${seedTable(0.4)}

Differences of two recipes over paired seeds, n = 300; "refused": every seed gave the same difference. ${tally(seedDifferences, runs.seedDifferences)}.

${table(
  [
    "shared noise",
    "accuracies",
    "SD of seeds",
    ...unique(seedDifferences, "seeds").map((count) => `${count} seeds`),
  ],
  [0, 0.4].flatMap((shared) =>
    unique(seedDifferences, "spread").flatMap((spread) =>
      [...new Set(seedDifferences.map(({ rate, gap }) => `${rate} ${gap}`))].map((pair) => {
        const row = seedDifferences.filter(
          (each) => each.shared === shared && each.spread === spread && `${each.rate} ${each.gap}` === pair,
        );
        const [{ rate, gap }] = row;
        return [
          shared,
          `${rate} and ${Number((rate - gap).toFixed(2))}`,
          spread,
          ...row.map((each) => shown(each.coverage, runs.seedDifferences, each.refused)),
        ];
      }),
    ),
  ),
)}

Main effects of a design of eight runs over seeds (\`factors\`); "SD where on": of the runs that have the strongest factor.

${table(
  ["seeds", "SD", "SD where on", "coverage"],
  factors.map((row) => [row.seeds, row.spread, row.quiet, percent(row.coverage)]),
)}

Rank correlations over recipes (\`relations\`) have a bootstrap interval over recipes: it covers 93 to 98 % with 6 to 30 recipes
and 70 to 90 % with four, where it is refused.

## Questions that share an image (simulated, per cent; nominal 95)
\`10 × 20\`: ten images with twenty questions each. Law "beta": each image has its own rate; "coin": with the square root of
the correlation everything about an image hangs on one draw. The variance is CR2's, with Satterthwaite's degrees of freedom.
Where fewer than 2 images' worth of the rarer answer was seen, the interval is joined with the one that counts every image once:
that images of another kind exist need not show in the data. It covers too much there: ${ends(clusters)} over all cells
(${tally(clusters, runs.clusters)}). ${listBelow(below(clusters, runs.clusters), (r) => `${r.layout}, accuracy ${r.rate}, ${r.law} ${r.correlation}`)}
Without that, coverage falls to 57 % (\`10 × 20\` at .95, coin 0.6): ten images of which one in twenty is of another kind look all
alike in 60 % of audits, and no interval from such data both covers the other kind and is narrow where there is none. Refused
where clusters are worth fewer than 3 equal ones. (The interval before covered 60 to 80 % of \`10 × 20\` at accuracies of .9 and
.95 and of one image with 100 questions.)

${table(
  [
    "images × questions",
    "accuracy",
    ...[...new Set(clusters.map(({ law, correlation }) => `${law} ${correlation}`))],
  ],
  unique(clusters, "layout").flatMap((layout) =>
    unique(clusters, "rate").map((rate) => {
      const row = clusters.filter((each) => each.layout === layout && each.rate === rate);
      return [layout, rate, ...row.map((each) => shown(each.coverage, runs.clusters, each.refused))];
    }),
  ),
)}

Two conditions with correlations of their own (\`.9 / .1\`: one depends on the image, the other hardly). Where fewer than 8 images'
worth of discordant pairs was seen, interval and p-values have to hold with every image counted once as well. False claims of a
difference: ${ends(same, "different")} (${runs.clusterDifferences} simulations: a true 5.0 gives up to ${percent(0.05 + 3 * Math.sqrt((0.05 * 0.95) / runs.clusterDifferences))} in one of several hundred cells). False claims of equivalence at the margin: ${ends(apart, "equivalent")}. Coverage: ${tally(clusterDifferences, runs.clusterDifferences)}. ${listBelow(below(clusterDifferences, runs.clusterDifferences), (r) => `${r.layout}, ${r.rate} and ${Number((r.rate - r.gap).toFixed(2))}, ${r.law} ${r.first} / ${r.second}`)}

${table(
  [
    "images × questions",
    "accuracies",
    "law, correlations",
    "coverage",
    "false differences",
    "false equivalence",
  ],
  clusterDifferences.map((row) => [
    row.layout,
    `${row.rate} and ${Number((row.rate - row.gap).toFixed(2))}`,
    `${row.law} ${row.first} / ${row.second}`,
    shown(row.coverage, runs.clusterDifferences, row.refused),
    row.gap === 0 ? percent(row.different) : "",
    row.gap === 0 ? "" : percent(row.equivalent),
  ]),
)}

## Further looks at the same examples (simulated, per cent)
An inconclusive audit goes on in its directory with more examples, and once more. "As before": every look at α = 0.05.
"Corrected": the tests of the second look have a tenth of α, those of the third half of that. An audit of fresh examples, which
is what an inconclusive audit advises, is a first look.

${table(
  ["truth", "examples", "audits", "as before", "corrected"],
  looks.map((row) => [
    row.name,
    row.ns.join(", "),
    row.runs,
    percent(row.uncorrected),
    percent(row.corrected),
  ]),
)}`;
}
