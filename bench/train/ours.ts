/** One case of `npm run bench:train` on our side: bench/train/ours.ts CASE THREADS DIR. Prints one JSON line. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batcher, batchOrder } from "../../src/training/batch.ts";
import { adamWStep, createAdamW } from "../../src/training/optimizer.ts";
import { createStores } from "../../src/training/pocket-model.ts";
import { createStep } from "../../src/training/step.ts";
import { random } from "../../src/util/index.ts";
import { median } from "../pairs.ts";
import { type CaseName, cases, sequencesOf } from "./cases.ts";

const [name, threads, directory] = [process.argv[2] as CaseName, Number(process.argv[3]), process.argv[4]];
const { batch, shape, steps } = cases[name];
const { config, set } = sequencesOf(cases[name]);
const { decoder: store } = createStores(config);
const r = random(0, "weights");
for (const [key, view] of store.views) {
  const matrix = store.shapes.get(key)!.length >= 2;
  for (let i = 0; i < view.length; i++) view[i] = matrix ? 0.05 * r.normal() : key.endsWith("bias") ? 0 : 1;
}
const orders = [0, 1, 2, 3].map(batchOrder({ count: set.sequences.length, batch, seed: 0 }));
if (directory) {
  mkdirSync(directory, { recursive: true });
  const makeBatch = batcher(set, config, batch);
  const batches = orders.map((order) => makeBatch(order));
  const save = (file: string, value: { data: ArrayBufferView }): void =>
    writeFileSync(
      join(directory, file),
      Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength),
    );
  const index = {
    ...{ config: config.text, batch, ...shape },
    weights: {} as Record<string, readonly number[]>,
    batches: [] as object[],
  };
  for (const [key, value] of Object.entries(store.values)) {
    save(key, value);
    index.weights[key] = value.shape;
  }
  for (const [i, values] of batches.entries()) {
    index.batches.push(
      Object.fromEntries(Object.entries(values).map(([key, v]) => [key, { dtype: v.dtype, shape: v.shape }])),
    );
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
const losses: number[] = [];
const seconds: number[] = [];
const cpu: number[] = [];
let update = 0;
for (let i = 0; i < steps; i++) {
  const start = performance.now();
  const used = process.cpuUsage();
  const { loss } = await step.run(orders[i % 4]!);
  const middle = performance.now();
  adamWStep(optimizer, store, 1e-3);
  update += performance.now() - middle;
  seconds.push((performance.now() - start) / 1000);
  const { user, system } = process.cpuUsage(used);
  cpu.push((user + system) / 1e6);
  losses.push(loss);
}
console.log(
  JSON.stringify({
    case: name,
    threads,
    parameters: store.flat.length,
    seconds: median(seconds.slice(3)),
    best: Math.min(...seconds),
    cpu: Math.min(...cpu),
    update: update / steps / 1000,
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }),
);
await step.release();
