import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  expectedTensors,
  parseProcessorConfig,
  pocketConfig,
  pocketTokenizer,
  saveCheckpoint,
} from "../qwen/index.ts";
import { loadLatentModel } from "./load-model.ts";

const words = ["a", "b", "c", "d", "e", "f"];
const files = pocketTokenizer(words);

/** A pocket checkpoint with an embedding table of so many rows. */
async function checkpoint(vocabSize: number): Promise<string> {
  const directory = join(mkdtempSync(join(tmpdir(), "lintel-load-")), "model");
  const extra = { latent_size: 1, lvr_start_id: 7 };
  const config = pocketConfig({ vocabSize, hiddenSize: 32, layers: 1, heads: 2, extra });
  const weights = new Map(
    [...expectedTensors(config)].map(([name, shape]) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.01) },
    ]),
  );
  const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144, max_pixels: 144 }, "test");
  await saveCheckpoint(directory, { config, weights, processor, files });
  return directory;
}

it("loads a checkpoint whose weights stay in their files", async () => {
  const model = await loadLatentModel(await checkpoint(64), { threads: 1 });
  const start = await model.network.prefill([{ ids: [1, 2], visuals: new Float32Array(0), grids: [] }]);
  expect(start.logits.length).toBe(64);
  expect(model.network.embed([3])[0]).toBe(Math.fround(0.01));
  await model.network.release();
});

it("refuses a tokenizer that knows more tokens than the table has rows", async () => {
  await expect(loadLatentModel(await checkpoint(8))).rejects.toThrow(
    /expected a tokenizer of at most 8 tokens, the rows of the embedding table, got \d+ tokens in tokenizer.json/,
  );
});

it("refuses weights that were cut short, before anything is computed", async () => {
  const directory = await checkpoint(64);
  const path = join(directory, "model.safetensors");
  truncateSync(path, readFileSync(path).length - 4);
  await expect(loadLatentModel(directory)).rejects.toThrow(/truncated. Try downloading/);
  writeFileSync(path, "");
  await expect(loadLatentModel(directory)).rejects.toThrow(/model.safetensors/);
});
