/**
 * The built Lintel's numbers for three published diagnostics, for python/lintel_reference/parity/published.py.
 *
 *     node python/lintel_reference/parity/published.mjs RECORDS OUT
 *     node python/lintel_reference/parity/published.mjs RECORDS OUT CHECKPOINT DATASET COUNT
 *
 * Writes the file OUT, from RECORDS/records.json and RECORDS/records.safetensors. The second form makes these first, of the
 * outcomes, latents and states of a checkpoint on the first COUNT examples of the dataset's split eval; every option needs
 * a helper.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadAuditedModel } from "../../../dist/audit/decode/load-audited-model.js";
import { auditLoaded, compare, compareAll, geometry, isRight } from "../../../dist/audit/index.js";
import { fourWays } from "../../../dist/audit/judge/look-alike.js";
import { pathInteraction } from "../../../dist/audit/judge/path-interaction.js";
import { lookAlike, measurePair, prismProbe } from "../../../dist/audit/measurements/index.js";
import { analyses } from "../../../dist/audit/suites/analyses/index.js";
import { placesOfAll } from "../../../dist/audit/suites/analyses/probes.js";
import { float32, readSafetensors, toFloat32, writeSafetensors } from "../../../dist/formats/index.js";
import { oraclesOf } from "../../../dist/reasoning/index.js";
import { readSplit } from "../../../dist/tasks/index.js";
import { INTERVENTIONS, numbersOf, PLACES } from "./published_numbers.mjs";

const L = {
  compare,
  compareAll,
  geometry,
  isRight,
  fourWays,
  pathInteraction,
  lookAlike,
  measurePair,
  prismProbe,
};
const [out, numbers, checkpoint, dataset, count] = process.argv.slice(2);
if (checkpoint) await record();
const stored = await readSafetensors(join(out, "records.safetensors"));
const read = Object.fromEntries(
  [...stored].map(([name, tensor]) => [name, { shape: tensor.shape, data: toFloat32(tensor) }]),
);
const found = JSON.parse(await readFile(join(out, "records.json"), "utf8"));
await writeFile(numbers, `${JSON.stringify(numbersOf(L, found, read), null, 1)}\n`);

async function record() {
  const { examples } = await readSplit(dataset, "eval", { limit: Number(count) });
  const model = await loadAuditedModel({ directory: checkpoint }, ["prism"], {});

  // The analysis that reads states again is given what an audit has of them.
  let [context, places] = [];
  const original = analyses.probes;
  analyses.probes = async (given) => {
    [context, places] = [given, await placesOfAll(given, {})];
    return original(given);
  };
  await auditLoaded(model, { examples }, { interventions: { names: INTERVENTIONS, suites: ["prism"] } });

  const kept = [];
  const rows = { own: [], oracle: [], options: [] };
  for (const place of Object.values(PLACES)) rows[place] = [];
  for (const [i, example] of context.session.examples.entries()) {
    const mine = context.planner.split.own[i]?.[0];
    const states = places.get(i);
    if (!mine || !states || example.counterfactuals.length !== example.options.length) continue;
    const shown = (o) => (o === example.answer ? example.helpers : example.counterfactuals[o]);
    if (example.options.some((_, o) => !shown(o))) continue;
    const options = [];
    for (const o of example.options.keys())
      options.push((await oraclesOf(model, { ...example, helpers: shown(o), regions: [] }))[0]);
    kept.push(example);
    // Features of options are most of what is written; a few examples have all that can differ.
    if (kept.length <= 24) {
      rows.own.push(mine);
      rows.oracle.push(options[example.answer]);
      rows.options.push(...options);
    }
    for (const place of Object.values(PLACES)) rows[place].push(states[place]);
  }
  if (kept.length === 0)
    throw new Error(`${dataset}: no example has a latent block, an answer and a helper of every option`);
  const width = model.network.config.text.hiddenSize;
  const slots = rows.own[0].length / width;
  const found = rows.own.length;
  const shapes = {
    ...{ own: [found, slots, width], oracle: [found, slots, width] },
    options: [found, kept[0].options.length, slots, width],
  };
  const tensors = Object.fromEntries(
    Object.entries(rows).map(([name, list]) => [
      name,
      {
        shape: shapes[name] ?? [kept.length, width],
        data: Float32Array.from(list.flatMap((row) => [...row])),
      },
    ]),
  );
  const records = {
    examples: kept.map(({ id }) => id),
    answers: kept.map(({ answer }) => answer),
    interventions: INTERVENTIONS,
    // By intervention the choice and the options' log-probabilities.
    outcomes: context.outcomes.map(({ example, answer, options, outcomes }) => ({
      ...{ example, answer, options },
      found: INTERVENTIONS.map((name) => {
        const { choice, optionLogProbabilities } = outcomes[name];
        return [choice, optionLogProbabilities?.map((value) => Number(value.toFixed(5))) ?? null];
      }),
    })),
  };
  await mkdir(out, { recursive: true });
  const lines = records.outcomes.map((each) => `  ${JSON.stringify(each)}`);
  const { outcomes: _, ...head } = records;
  await writeFile(
    join(out, "records.json"),
    `${JSON.stringify(head).slice(0, -1)},\n "outcomes": [\n${lines.join(",\n")}\n ]}\n`,
  );
  await writeSafetensors(
    join(out, "records.safetensors"),
    new Map(Object.entries(tensors).map(([name, { shape, data }]) => [name, float32(shape, data)])),
  );
  await model.network.release();
  console.log(`${kept.length} of ${examples.length} examples; latents and features of options of ${found}`);
}
