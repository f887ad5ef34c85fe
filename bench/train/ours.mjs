// One case of `npm run bench:train` on our side: node bench/train/ours.mjs CASE THREADS DIR. Prints one JSON line.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batcher, batchOrder } from "../../dist/training/batch.js";
import { adamWStep, createAdamW } from "../../dist/training/optimizer.js";
import { createStores } from "../../dist/training/pocket.js";
import { createStep } from "../../dist/training/step.js";
import { random } from "../../dist/util/index.js";
import { cases, sequencesOf } from "./cases.mjs";

const [name, threads, directory] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const { batch, shape, steps } = cases[name];
const { config, set } = sequencesOf(cases[name]);
const { decoder: store } = createStores(config);
const r = random(0, "weights");
for (const [key, view] of store.views) {
  const matrix = store.shapes.get(key).length >= 2;
  for (let i = 0; i < view.length; i++) view[i] = matrix ? 0.05 * r.normal() : key.endsWith("bias") ? 0 : 1;
}
const orders = [0, 1, 2, 3].map(batchOrder({ count: set.sequences.length, batch, seed: 0 }));
if (directory) {
  mkdirSync(directory, { recursive: true });
  const batches = orders.map(batcher(set, config, batch));
  const save = (file, value) =>
    writeFileSync(join(directory, file), Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength));
  const index = { config: config.text, batch, ...shape, weights: {}, batches: [] };
  for (const [key, value] of Object.entries(store.values)) {
    save(key, value);
    index.weights[key] = value.shape;
  }
  for (const [i, values] of batches.entries()) {
    index.batches.push(Object.fromEntries(Object.entries(values).map(([key, v]) => [key, { dtype: v.dtype, shape: v.shape }])));
    for (const [key, value] of Object.entries(values)) save(`batch${i}-${key}`, value);
  }
  writeFileSync(join(directory, "index.json"), JSON.stringify(index));
}
const optimizer = createAdamW(store);
const step = await createStep(set, store, optimizer, {
  config,
  batch,
  latentWeight: 0.1,
  threads,
  ...(process.env.PROFILE && { profile: process.env.PROFILE }),
});
const losses = [];
const seconds = [];
const cpu = [];
let update = 0;
for (let i = 0; i < steps; i++) {
  const start = performance.now();
  const used = process.cpuUsage();
  const { loss } = await step.run(orders[i % 4]);
  const middle = performance.now();
  adamWStep(optimizer, store, 1e-3);
  update += performance.now() - middle;
  seconds.push((performance.now() - start) / 1000);
  const { user, system } = process.cpuUsage(used);
  cpu.push((user + system) / 1e6);
  losses.push(loss);
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(
  JSON.stringify({
    case: name, threads, parameters: store.flat.length, seconds: median(seconds.slice(3)), best: Math.min(...seconds),
    cpu: Math.min(...cpu), update: update / steps / 1000, firstLoss: losses[0], lastLoss: losses.at(-1),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }),
);
await step.release();
