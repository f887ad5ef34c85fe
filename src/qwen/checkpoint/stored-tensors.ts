/** The tensors in the safetensors files of a checkpoint: one file, or shards with an index. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Dtype, readSafetensorsHeader } from "../../formats/index.ts";
import { ensure } from "../../util/index.ts";
import { readOptionalJson } from "./optional-json.ts";
import { canonicalName } from "./tensor-names.ts";

/** The location of a tensor of a checkpoint. */
export interface StoredTensor {
  /** Name in the file, which may differ from the canonical name. */
  stored: string;
  /** Path of the file. */
  path: string;
  dtype: Dtype;
  shape: number[];
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

export const MERGE = "merging the adapter into its base model (merge_and_unload) and saving that";

const single = "model.safetensors";
const index = "model.safetensors.index.json";

const isShard = (name: string): boolean => /^model-\d+-of-\d+\.safetensors$/.test(name);

export const abbreviated = (names: string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The safetensors files of a checkpoint and, if it is sharded, the file of every tensor in the index. */
async function weightFiles(directory: string): Promise<{ files: string[]; indexed: Map<string, string> }> {
  const isSingle = existsSync(join(directory, single));
  // transformers would load the base model of the adapter instead of these weights, and apply the adapter to it
  ensure(!existsSync(join(directory, "adapter_config.json")), "checkpoint", () => ({
    where: directory,
    expected: "a model without an adapter",
    got: isSingle ? `adapter_config.json beside ${single}` : "an adapter without its base model",
    attempt: `${MERGE}, or removing the adapter files if it is already merged into these weights`,
  }));
  if (isSingle) return { files: [single], indexed: new Map() };
  const where = join(directory, index);
  const json = await readOptionalJson(directory, index);
  const adapter = existsSync(join(directory, "adapter_model.safetensors"));
  const pickle = ["pytorch_model.bin", "pytorch_model.bin.index.json"].some((n) =>
    existsSync(join(directory, n)),
  );
  const shards = json === null && existsSync(directory) ? (await readdir(directory)).filter(isShard) : [];
  ensure(json !== null, "checkpoint", () => ({
    where: directory,
    expected: `${single} or ${index}`,
    got: adapter
      ? "an adapter without its base model"
      : pickle
        ? "PyTorch pickles, which can run code when they are read"
        : shards.length > 0
          ? `${abbreviated(shards)} without their index`
          : "neither",
    attempt: adapter
      ? MERGE
      : pickle
        ? "saving it with safe_serialization=True"
        : shards.length > 0
          ? `the ${index} that was saved with them`
          : "a complete checkpoint directory",
  }));
  const parsed = indexSchema.safeParse(json);
  ensure(parsed.success, "checkpoint", () => ({
    where,
    expected: "an index with a weight_map from tensors to files",
    got: parsed.error!.issues[0]!.message,
  }));
  const indexed = new Map(Object.entries(parsed.data.weight_map));
  const files = [...new Set(indexed.values())].sort();
  for (const file of files) {
    // a path in the index could point to any file of the machine
    ensure(/^[^/\\]+\.safetensors$/.test(file), "checkpoint", () => ({
      where,
      expected: "names of safetensors files in the same directory",
      got: JSON.stringify(file),
    }));
    ensure(existsSync(join(directory, file)), "checkpoint", () => ({
      where: directory,
      expected: `the shard ${file} that ${index} names`,
      got: "no such file",
      attempt: "downloading the missing shard",
    }));
  }
  return { files, indexed };
}

/**
 * The location of every tensor in a directory of safetensors (one file, or shards with an index), by canonical name.
 *
 * Errors: "checkpoint" for files that are missing, truncated or contradict the index.
 */
export async function storedTensors(directory: string): Promise<Map<string, StoredTensor>> {
  const { files, indexed } = await weightFiles(directory);
  const found = new Map<string, StoredTensor>();
  const seen = new Map<string, string>();
  for (const file of files) {
    const path = join(directory, file);
    for (const [stored, entry] of (await readSafetensorsHeader(path)).tensors) {
      const name = canonicalName(stored);
      ensure(!found.has(name), "checkpoint", () => ({
        where: `${path}: tensor ${stored}`,
        expected: "each tensor once",
        got: `another, ${found.get(name)!.stored} in ${found.get(name)!.path}`,
      }));
      found.set(name, { stored, path, ...entry });
      seen.set(stored, file);
    }
  }
  for (const [stored, file] of indexed) {
    ensure(seen.get(stored) === file, "checkpoint", () => ({
      where: join(directory, index),
      expected: `the tensor ${stored} in ${file}`,
      got: seen.has(stored) ? `the tensor in ${seen.get(stored)}` : "no such tensor",
    }));
  }
  return found;
}
