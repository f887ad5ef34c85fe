/** Whole checkpoint directories as versions of transformers write them: python/lintel_reference/goldens/checkpoints.py makes a folder each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { decodeImage, readSafetensors } from "../../formats/index.ts";
import { createModel } from "../model.ts";
import { imageProcessor } from "../processor/image-processor.ts";
import { readProcessor } from "../processor/processor-config.ts";
import type { Message } from "../tokenizer/chat-template.ts";
import { expandImages, loadTokenizer } from "../tokenizer/tokenizer.ts";
import { promptVisuals } from "../vision/deepstack.ts";
import { fileWeights } from "../weights/file-weights.ts";
import { loadWeights, openCheckpoint } from "./open-checkpoint.ts";

const root = new URL("../../../test/goldens/checkpoints/", import.meta.url).pathname;
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(root, name)).map((one) => join(name, one)));

interface Golden {
  messages: Message[];
  /** This version put the embedding table in place of another head that the file holds. */
  headReplaced: boolean;
  text: string;
  ids: number[];
  grid: [number, number, number];
  decoded: string;
  eos: number;
}

const transformers = folders.map((folder) => folder.split("/")[0]);

it("has goldens of transformers 4 and 5", () => {
  expect(new Set(transformers)).toEqual(new Set(["transformers-4.57.1", "transformers-5.24.0"]));
});

describe.each(folders)("%s", (folder) => {
  const directory = join(root, folder);
  const golden = JSON.parse(readFileSync(join(directory, "golden.json"), "utf8")) as Golden;

  it("tokenizes as transformers does", async () => {
    const checkpoint = await openCheckpoint(directory);
    const tokenizer = await loadTokenizer(directory);
    const text = tokenizer.applyChatTemplate(golden.messages, { addGenerationPrompt: true });
    expect(text).toBe(golden.text);
    const { tokens, vision } = checkpoint.config;
    expect(expandImages(tokenizer.encode(text), tokens.image, [golden.grid], vision.mergeSize)).toEqual(
      golden.ids,
    );
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded);
    expect([tokenizer.warnings, checkpoint.generation.eos]).toEqual([[], [golden.eos]]);
  });

  it("gives patches, features, hidden states and logits of transformers", async () => {
    const expected = await readSafetensors(join(directory, "golden.safetensors"));
    const data = (name: string): Float32Array => expected.get(name)!.data as Float32Array;
    const processor = await readProcessor(directory);
    const picture = await decodeImage(readFileSync(join(directory, "image.png")));
    const image = imageProcessor(processor)(picture);
    expect(image.grid).toEqual(golden.grid);
    // one step of a pixel's 255, as processor.test.ts allows
    expect(worstDifference(image.patches, data("patches"))).toBeLessThan(
      1.01 / 255 / Math.min(...processor.std),
    );

    const checkpoint = await openCheckpoint(directory);
    const network = createModel(checkpoint.config, await fileWeights(checkpoint), {
      threads: 1,
      everyHidden: "last",
    });
    // from transformers' own patches, so that what is compared is the network
    const encoded = await network.features([{ grid: golden.grid, patches: data("patches") }]);
    expect(worstDifference(encoded[0]!.rows, data("features"))).toBeLessThan(1e-4);
    const prompt = { ids: golden.ids, ...promptVisuals(encoded), grids: [golden.grid] };
    const { layers, logits } = await network.prefill([prompt]);
    await network.release();
    expect(worstDifference(layers!.at(-1)!, data("hidden"))).toBeLessThan(1e-4);
    if (!golden.headReplaced) {
      expect(worstDifference(logits, data("logits"))).toBeLessThan(1e-3);
      return;
    }
    expect(worstDifference(logits, data("logits"))).toBeGreaterThan(0.1);
    expect(checkpoint.warnings.join()).toMatch(/lm_head.weight differs from model.*4.57 would replace it/);
    const weights = await loadWeights(checkpoint, ["lm_head.weight", "model.embed_tokens.weight"]);
    const table = weights.get("model.embed_tokens.weight")!.data;
    const state = layers!.at(-1)!.slice(-checkpoint.config.text.hiddenSize);
    const tied = Float32Array.from({ length: logits.length }, (_, v) =>
      state.reduce((sum, x, i) => sum + x * table[v * state.length + i]!, 0),
    );
    expect(worstDifference(tied, data("logits"))).toBeLessThan(1e-3);
  });
});
