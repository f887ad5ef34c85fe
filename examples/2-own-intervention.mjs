// Interventions of your own: a JSON file combines and parameterizes known ones (docs/interventions.md).
//   npm run build && node examples/2-own-intervention.mjs [DIRECTORY]
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditModel, readInterventions } from "lintel";
import { checkpoint } from "./checkpoint.mjs";

const directory = process.argv[2] ?? "runs/examples";
const { data, model } = await checkpoint(directory);

const file = join(directory, "interventions.json");
const mine = {
  "weak-noise": { use: "jitter", with: { s: 0.1 } },
  "first-slot-zero": { use: "zeros", slots: [1] },
  "half-oracle": { description: "halfway from own to oracle latents", use: "blend", with: { a: 0.5 } },
};
await writeFile(file, JSON.stringify({ interventions: mine }, null, 2));

const interventions = await readInterventions(["zeros", file]);
const result = await auditModel({ model, data: { directory: data, limit: 20 }, interventions });

for (const { intervention, difference } of result.comparisons)
  console.log(`own − ${intervention}: ${(100 * difference).toFixed(1)} points`);
