/** Engines for tests: a fake one that needs no Python, and a model and data that it is tried on. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectEngine } from "../src/engine/index.ts";
import { expectedTensors, type QwenConfig, saveCheckpoint, type WeightValues } from "../src/qwen/index.ts";
import { remoteNetwork } from "../src/reasoning/engine/remote.ts";
import type { NetworkConfig } from "../src/reasoning/engine/types.ts";
import type { RemoteNetwork } from "../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../src/selftest/index.ts";
import { writeDataset } from "../src/tasks/index.ts";

const fake = fileURLToPath(new URL("./fakes/engine/engine.mjs", import.meta.url));

/** The command line of the fake engine, with its misbehaviors (test/fakes/engine/engine.mjs). */
export const fakeEngine = (...faults: readonly string[]): string =>
  [process.execPath, fake, ...faults].map((part) => `'${part}'`).join(" ");

/** Writes a known model and a dataset of `count` examples. */
export async function writeKnown(directory: string, count: number): Promise<{ model: string; data: string }> {
  mkdirSync(directory, { recursive: true });
  const [model, data] = [join(directory, "model"), join(directory, "data")];
  await saveKnownModel(model, knownModels[0]!);
  await writeDataset(
    data,
    { eval: knownExamples(count, 1, 0) },
    { task: "known", title: "known", description: "known", seed: 0, parameters: {} },
  );
  return { model, data };
}

/** An engine with a model whose weights are in memory, for goldens that are no checkpoint directories. */
export async function networkElsewhere(
  command: string,
  config: QwenConfig,
  weights: WeightValues,
): Promise<RemoteNetwork> {
  const directory = mkdtempSync(join(tmpdir(), "lintel-elsewhere-"));
  const expected = expectedTensors(config);
  const all = new Map(
    Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: data as Float32Array }]),
  );
  await saveCheckpoint(directory, {
    config,
    weights: new Map([...all].filter(([name]) => expected.has(name))),
  });
  return networkOf(command, directory, config);
}

/** The same of an architecture that only the engine knows, from a checkpoint's two files. */
export async function networkOfFiles(
  command: string,
  config: NetworkConfig,
  weights: string,
): Promise<RemoteNetwork> {
  const directory = mkdtempSync(join(tmpdir(), "lintel-elsewhere-"));
  writeFileSync(join(directory, "config.json"), JSON.stringify(config.raw));
  copyFileSync(weights, join(directory, "model.safetensors"));
  return networkOf(command, directory, config);
}

/** An engine with the model of a directory, which is removed. */
async function networkOf(command: string, directory: string, config: NetworkConfig): Promise<RemoteNetwork> {
  const engine = await connectEngine(command);
  try {
    await engine.request("load", {
      ...{ model: directory, dtype: "float32", deviceMap: "cpu", attention: null, trustRemoteCode: false },
      ...{ threads: 1, kind: "auto" },
    });
  } catch (error) {
    await engine.close();
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
  return remoteNetwork(engine, config);
}
