// A family in a file of rules: how a checkpoint opens, fills and closes its latent blocks (docs/families.md).
//   npm run build && node examples/3-family-rules.mjs [DIRECTORY]
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditModel } from "lintel";
import { checkpoint } from "./checkpoint.mjs";

const directory = process.argv[2] ?? "runs/examples";
const { data, model } = await checkpoint(directory);

const family = join(directory, "two-latents.yaml");
await writeFile(
  family,
  `name: two-latents
extends: lantern     # everything that is not set here
rules:
  k: 2               # two latents per block instead of one
answer: careful      # how replies are read
`,
);

const interventions = ["own", "zeros"];
for (const rules of [undefined, family]) {
  const { loop } = await auditModel({
    model: { directory: model, family: rules },
    data: { directory: data, limit: 20 },
    interventions,
  });
  console.log(`${loop.family}: K = ${loop.k}, blocks by number of latents: ${JSON.stringify(loop.steps)}`);
}
