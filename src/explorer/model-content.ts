/** A pocket model as a document: everything that the page needs to run it. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { loadTokenizer, loadWeights, openCheckpoint, readProcessor } from "../qwen/index.ts";
import { LintelError } from "../util/index.ts";
import { base64 } from "./base64.ts";
import type { ModelContent } from "./types.ts";

/** Parameters of a model that runs in a page, at most: 32 MB. */
const LARGEST = 8e6;

/** Bytes of weights, in one file with its header, that are small enough for a page. */
export const PAGE_BYTES = 4 * LARGEST + 1e6;

/** Bytes of a checkpoint's weights in one file; infinite where there is no such file. */
export const weightBytes = async (directory: string): Promise<number> =>
  (await stat(join(directory, "model.safetensors")).catch(() => null))?.size ?? Number.POSITIVE_INFINITY;

/**
 * The model of a checkpoint, its weights as float32 one after the other.
 *
 * Errors: "checkpoint" for one that cannot be read; "usage" for one that is too large for a page.
 */
export async function modelContent(directory: string): Promise<ModelContent> {
  const checkpoint = await openCheckpoint(directory);
  const sizes = [...checkpoint.tensors.values(), ...checkpoint.extra.values()].map(({ shape }) =>
    shape.reduce((a, b) => a * b, 1),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > LARGEST)
    throw new LintelError("usage", {
      where: directory,
      expected: `a model of at most ${LARGEST / 1e6} million parameters, which runs in a page`,
      got: `one of ${Math.round(total / 1e6)} million`,
      attempt: "lintel audit, which answers under any intervention",
    });
  const [tokenizer, processor] = await Promise.all([loadTokenizer(directory), readProcessor(directory)]);
  const weights = await loadWeights(checkpoint, [...checkpoint.tensors.keys(), ...checkpoint.extra.keys()]);
  const values = new Float32Array(total);
  const tensors: ModelContent["tensors"] = [];
  let at = 0;
  for (const [name, { shape, data }] of weights) {
    tensors.push({ name, shape: [...shape], at });
    values.set(data, at);
    at += data.length;
  }
  const { config, generation } = checkpoint;
  return {
    config,
    processor,
    eos: generation.eos,
    generation,
    tokenizer: tokenizer.files,
    tensors,
    values: base64(values),
  };
}
