/** The language-model head of checkpoints whose configuration ties it to the embedding table. */
import { type FileHandle, open } from "node:fs/promises";
import { ensure } from "../../util/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { readFloats } from "./read-floats.ts";
import type { StoredTensor } from "./stored-tensors.ts";
import { EMBEDDING_TABLE } from "./tensor-names.ts";

const HEAD = "lm_head.weight";

/** Elements compared at a time. */
const CHUNK = 2 ** 20;

/** Whether two stored tensors are equal as float32. Throws `LintelError` "checkpoint". */
async function equalTensors(one: StoredTensor, other: StoredTensor): Promise<boolean> {
  if (one.shape.join() !== other.shape.join()) return false;
  const count = one.shape.reduce((a, b) => a * b, 1);
  const files: FileHandle[] = [];
  try {
    for (const { path } of [one, other]) files.push(await open(path, "r"));
    for (let first = 0; first < count; first += CHUNK) {
      const length = Math.min(CHUNK, count - first);
      const [a, b] = [one, other].map((tensor, i) => readFloats(files[i]!.fd, tensor, first, length));
      for (let i = 0; i < length; i++) if (!Object.is(a![i], b![i]) && a![i] !== b![i]) return false;
    }
    return true;
  } finally {
    for (const file of files) await file.close();
  }
}

const floats = new Set(["F32", "F16", "BF16", "F64"]);

/**
 * The configuration with `tied` according to the tensors in `found`, and a warning if versions of transformers disagree.
 * A head that differs from the embedding table is kept, as in transformers 5; 4.57 replaces it by the table if
 * `tie_word_embeddings` is among the text fields. A tied checkpoint may hold its matrix under either name; `found` gets
 * the name of the table.
 */
export async function resolveTiedHead(
  config: QwenConfig,
  found: Map<string, StoredTensor>,
  where: string,
): Promise<{ config: QwenConfig; warning: string | null }> {
  const [head, table] = [found.get(HEAD), found.get(EMBEDDING_TABLE)];
  if (!config.text.tied || !head) return { config, warning: null };
  if (!table) {
    found.set(EMBEDDING_TABLE, head);
    found.delete(HEAD);
    return { config, warning: null };
  }
  for (const { stored, dtype } of [head, table]) {
    ensure(floats.has(dtype), "checkpoint", () => ({
      where: `${where}: tensor ${stored}`,
      expected: "floats of 16, 32 or 64 bits",
      got: dtype,
    }));
  }
  if (await equalTensors(head, table)) {
    found.delete(HEAD);
    return { config, warning: null };
  }
  const text = (config.raw.text_config ?? config.raw) as { tie_word_embeddings?: unknown };
  const older =
    text.tie_word_embeddings === true
      ? "; transformers 4.57 would replace it by the embedding table and compute other logits"
      : "";
  return {
    config: { ...config, text: { ...config.text, tied: false } },
    warning:
      `${where}: tie_word_embeddings is true, but ${head.stored} differs from ${table.stored}: ` +
      `the head in the file is used, as by transformers 5${older}; set tie_word_embeddings to false if the head was trained`,
  };
}
