// The whole way of an audit: generate a dataset, train a model on it, replace its latents, read the verdict.
//   npm run build && node examples/1-walkthrough.mjs [DIRECTORY]
import { join } from "node:path";
import { auditModel } from "lintel";
import { checkpoint } from "./checkpoint.mjs";

const directory = process.argv[2] ?? "runs/examples";
const { data, model } = await checkpoint(directory);

const result = await auditModel({
  model,
  data: { directory: data, split: "eval" },
  interventions: ["own", "zeros", "noise-matched", "other-own", "oracle"],
  output: { directory: join(directory, "audit") },
});

console.log(`verdict: ${result.verdict} (${result.n} examples)`);
for (const [name, { accuracy, interval }] of Object.entries(result.interventions)) {
  const [low, high] = interval.map((value) => (100 * value).toFixed(1));
  console.log(`${name.padEnd(14)} ${(100 * accuracy).toFixed(1)} % [${low}, ${high}]`);
}
console.log(`details: ${join(directory, "audit", "audit.json")}`);
