// Draws finding F7 over the strength of fine-tuning from runs of `lintel study regimes`, and prints the table of docs/frontier.md:
//   lintel study regimes --seeds 3
//   node scripts/regimes-figure.mjs runs/regimes
// Several runs, each of other datasets (--tasks), are put together.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

const names = {
  crop: "mark inside the region, helper without it",
  "crop-marked-helper": "mark inside the region and in the helper",
  "crop-marked-beside": "mark beside the region",
};
const target = join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "images", "regimes.svg");

/** One row for every fine-tuned model: accuracies with the region hidden, and what its base reaches on clear crops. */
function regimeRows(results) {
  const rows = results.cells.flatMap(({ task, recipe, seed, audits }) => {
    const masked = audits.find(({ split }) => split === "masked");
    const parts = /^joint-(\d+)-steps-lr-(.+)$/.exec(recipe);
    if (!masked || !parts) return [];
    const { own, oracle } = masked.interventions;
    const strength = `${parts[1]} × ${Number(parts[2])}`;
    return [{ task, mark: names[task], strength, seed, own: own.accuracy, oracle: oracle.accuracy }];
  });
  const bases = results.cells
    .filter(({ recipe }) => recipe === "text")
    .map(({ task, seed, audits }) => ({ task, seed, base: audits[0].interventions.own.accuracy }));
  return { rows, bases };
}

function figure(rows, strengths) {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: 860,
    height: 300,
    marginLeft: 50,
    marginBottom: 50,
    x: { domain: strengths, label: "steps × learning rate of fine-tuning, gentle to strong", type: "point" },
    y: { label: "oracle − own with the region hidden, points", grid: true, domain: [-5, 50] },
    fx: { label: null, domain: Object.values(names) },
    marks: [
      Plot.ruleY([0]),
      Plot.line(rows, {
        x: "strength",
        y: ({ oracle, own }) => 100 * (oracle - own),
        z: "seed",
        fx: "mark",
        strokeOpacity: 0.4,
      }),
      Plot.text(rows, {
        x: "strength",
        y: ({ oracle, own }) => 100 * (oracle - own),
        text: "seed",
        fx: "mark",
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("font-family", "sans-serif");
  svg.setAttribute("style", "background: #fff");
  return `${svg.outerHTML}\n`;
}

/** Lines of a Markdown table: own / oracle of every seed. */
function regimesTable({ rows }, strengths) {
  const tasks = Object.keys(names).filter((task) => rows.some((row) => row.task === task));
  const figures = (task, strength) =>
    rows
      .filter((row) => row.task === task && row.strength === strength)
      .sort((a, b) => a.seed - b.seed)
      .map(({ own, oracle }) => `${own.toFixed(3)} / ${oracle.toFixed(3)}`)
      .join(", ");
  return [
    `| steps × rate | ${tasks.map((task) => names[task]).join(" | ")} |`,
    `|---|${tasks.map(() => "---|").join("")}`,
    ...strengths.map(
      (strength) => `| ${strength} | ${tasks.map((task) => figures(task, strength)).join(" | ")} |`,
    ),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const all = process.argv
    .slice(2)
    .map((run) => regimeRows(JSON.parse(readFileSync(join(run, "results.json"), "utf8"))));
  const rows = all.flatMap((each) => each.rows);
  const strengths = [...new Set(rows.map(({ strength }) => strength))];
  writeFileSync(target, figure(rows, strengths));
  console.log(regimesTable({ rows }, strengths));
  for (const { task, seed, base } of all.flatMap(({ bases }) => bases))
    console.log(`base of ${task}, seed ${seed}: ${base} on clear crops`);
}
