import { join } from "node:path";
import {
  ensureDirectory,
  float32,
  type Tensor,
  writeFileAtomic,
  writeSafetensors,
} from "../../formats/index.ts";
import { ensure } from "../../util/index.ts";
import { configJson } from "../config/config-json.ts";
import type { QwenConfig } from "../config/types.ts";
import { type ProcessorConfig, processorJson } from "../processor/processor-config.ts";
import type { Weights } from "./open-checkpoint.ts";
import { expectedTensors, publishedName } from "./tensor-names.ts";

interface CheckpointContent {
  config: QwenConfig;
  /** All tensors of the architecture by canonical name, written as float32. */
  weights: Weights;
  /** Further tensors, such as a latent head. */
  extra?: Weights;
  /** preprocessor_config.json. */
  processor?: ProcessorConfig;
  /** generation_config.json. */
  generation?: Record<string, unknown>;
  /** Other files by name, such as those of a tokenizer. */
  files?: Readonly<Record<string, string>>;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes a checkpoint directory that `openCheckpoint` and transformers can open. Files are replaced atomically, and
 * `config.json` is written last, so that a directory with one is complete. Other files in the directory are kept. Equal
 * content gives equal bytes. Throws `LintelError` "output" if a weight is missing or has the wrong shape (before anything
 * is written), and if writing fails.
 */
export async function saveCheckpoint(directory: string, content: CheckpointContent): Promise<void> {
  const { config, weights, extra = new Map(), processor, generation, files = {} } = content;
  const expected = expectedTensors(config);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of expected) {
    const weight = weights.get(name);
    ensure(weight && weight.shape.join() === shape.join(), "output", () => ({
      where: `${directory}: weight ${name}`,
      expected: `shape [${shape}]`,
      got: weight ? `[${weight.shape}]` : "none",
    }));
    tensors.set(publishedName(name, config.modelType), float32(weight.shape, weight.data));
  }
  for (const name of weights.keys()) {
    ensure(expected.has(name), "output", () => ({
      where: `${directory}: weight ${name}`,
      expected: "tensors of the architecture in config",
      got: "another",
      attempt: "passing it in `extra`",
    }));
  }
  for (const [name, { shape, data }] of extra) tensors.set(name, float32(shape, data));

  const full = await ensureDirectory(directory);
  // transformers rejects files without this "format", which declares PyTorch names
  await writeSafetensors(join(full, "model.safetensors"), tensors, { format: "pt" });
  if (processor)
    await writeFileAtomic(
      join(full, "preprocessor_config.json"),
      json(processorJson(processor, config.modelType)),
    );
  if (generation) await writeFileAtomic(join(full, "generation_config.json"), json(generation));
  for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(full, name), text);
  await writeFileAtomic(join(full, "config.json"), json(configJson(config)));
}
