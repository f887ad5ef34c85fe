// A small trained checkpoint and its dataset, made once and shared by the examples (a few seconds on two cores).
import { join } from "node:path";
import { generateDataset, trainModel } from "lintel";

export async function checkpoint(directory) {
  const data = join(directory, "data");
  const model = join(directory, "model");
  await generateDataset({
    task: "crop",
    out: data,
    train: 400,
    eval: 60,
    heldOut: 0,
    parameters: { rendering: "pocket" },
  });
  // Far too few steps to learn the task, but enough to open latent blocks. `lintel study pocket` trains for minutes.
  await trainModel({ recipe: "joint", data, out: model, steps: 40, batch: 32, warmup: 5, followExamples: 4 });
  return { data, model };
}
