// Run a small study, then read its results: accuracies per model and intervention, and a report.
//   npm run build && node examples/6-read-results.mjs [DIRECTORY]
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readResults, runStudy, writeReport } from "lintel";

const directory = process.argv[2] ?? "runs/examples";
const run = join(directory, "study");
const preset = join(directory, "study.yaml");
await writeFile(
  preset,
  `name: example
seeds: 1
datasets:
  crop: { train: 200, eval: 40, parameters: { rendering: pocket } }
cells:
  - task: crop
    recipe: joint
    training: { steps: 30, batch: 32, warmup: 5, followExamples: 4 }
    audits: [{ split: eval, interventions: [own, zeros, oracle] }]
`,
);
await runStudy({ preset, out: run }); // continues or reuses what is there

const results = await readResults(run);
for (const { task, recipe, seed, audits } of results.cells)
  for (const { split, verdict, interventions } of audits) {
    const accuracies = Object.entries(interventions).map(([name, { accuracy }]) => `${name} ${accuracy}`);
    console.log(`${task}/${recipe}, seed ${seed}, ${split}: ${verdict}; ${accuracies.join(", ")}`);
  }
await writeReport(run);
console.log(`report: ${join(run, "report.html")}`);
