import { describe, expect, it } from "vitest";
import {
  goldenJson,
  goldenPath,
  goldenTensors,
  tinyCheckpoint,
  worstDifference,
} from "../../test/tiny.fixture.ts";
import { readSafetensors } from "../formats/index.ts";
import { createGraph, createSession, float32, input, output } from "../graph/index.ts";
import { parameterInputs } from "../nn/index.ts";
import type { Grid } from "./decoder/position-ids.ts";
import type { Prompt } from "./decoding/types.ts";
import { createModel } from "./model.ts";
import { promptVisuals } from "./vision/deepstack.ts";
import { cellSize, mergeCells } from "./vision/vision-layers.ts";

describe.each(["tied", "untied", "qwen3"] as const)("a tiny %s checkpoint", (which) => {
  async function load() {
    const { config, weights } = await tinyCheckpoint(which);
    const golden = goldenJson(`forward-${which}.json`);
    const expected = await goldenTensors(`forward-${which}.safetensors`);
    const raw = (await readSafetensors(goldenPath(`forward-${which}.safetensors`))).get("pixels_i8")!;
    const pixels = Float32Array.from(raw.data as Int8Array, (v) => v * golden.pixelScale);
    const model = createModel(config, weights, { threads: 1, everyHidden: true });
    const patchDim = pixels.length / (golden.grids as Grid[]).reduce((n, [t, h, w]) => n + t * h * w, 0);
    let at = 0;
    const images = (golden.grids as Grid[]).map((grid) => {
      const size = grid[0] * grid[1] * grid[2] * patchDim;
      at += size;
      return { grid, patches: pixels.subarray(at - size, at) };
    });
    const features = await model.features(images);
    let image = 0;
    const prompts: Prompt[] = (golden.ids as number[][]).map((row, b) => {
      const count = golden.imagesOfRow[b] as number;
      const own = features.slice(image, image + count);
      const grids = images.slice(image, image + count).map((i) => i.grid);
      image += count;
      return { ids: row.filter((_, i) => golden.mask[b][i] === 1), ...promptVisuals(own), grids };
    });
    return { config, golden, expected, model, features, prompts };
  }

  it("gives what its merger made the features of, where that is asked for", async () => {
    const { config, weights } = await tinyCheckpoint(which);
    const { vision } = config;
    const patches = Float32Array.from({ length: 32 * vision.patchDim }, (_, i) => Math.sin(i));
    const model = createModel(config, weights, { threads: 1, cells: true });
    const [image] = await model.features([{ grid: [1, 4, 8], patches }]);
    await model.release();
    const g = createGraph("merger");
    const { source, declared } = parameterInputs(g, "float32");
    const size = cellSize(vision);
    output("features", mergeCells(vision, source, input(g, "cells", "float32", [8, size])));
    const session = await createSession(g, { threads: 1 });
    const own = Object.fromEntries([...declared.keys()].map((name) => [name, weights[name]!]));
    const { features } = await session.run({ ...own, cells: float32(image!.cells!, [8, size]) });
    await session.release();
    expect(worstDifference([...image!.rows], features!.data as Float32Array)).toBeLessThan(1e-5);
  });

  it("agrees with transformers: vision features, hidden states of every layer, logits", async () => {
    const { config, golden, expected, model, features, prompts } = await load();
    const flat = features.flatMap(({ rows }) => [...rows]);
    expect(worstDifference(flat, expected.get("vision.features")!)).toBeLessThan(1e-4);
    for (const k of config.vision.deepstackBlocks.keys()) {
      const deep = features.flatMap((image) => [...image.deep![k]!]);
      expect(worstDifference(deep, expected.get(`vision.deep.${k}`)!)).toBeLessThan(1e-4);
    }
    const { layers, logits } = await model.prefill(prompts);
    const [B, T] = [prompts.length, golden.ids[0].length as number];
    const D = config.text.hiddenSize;
    const attended = (i: number) => golden.mask[Math.floor(i / D / T)][Math.floor(i / D) % T] === 1;
    const depth = config.text.layers;
    // the last of the reference's states is the one after the final norm
    const ours = [...layers!.slice(0, depth - 1), layers![depth]!];
    for (const [i, state] of ours.entries())
      expect(worstDifference(state, expected.get(`hidden.${i + 1}`)!, attended)).toBeLessThan(1e-4);
    const V = config.text.vocabSize;
    const last = expected.get("logits")!;
    for (let b = 0; b < B; b++) {
      const want = last.subarray((b * 8 + 7) * V, (b * 8 + 8) * V);
      expect(worstDifference(logits.subarray(b * V, (b + 1) * V), want)).toBeLessThan(1e-3);
    }
    await model.release();
  });

  it("decodes greedily as transformers does, from a padded batch and alone, within 1e-4 of uncached", async () => {
    const { config, golden, expected, model, prompts } = await load();
    const V = config.text.vocabSize;
    const argmax = (row: Float32Array) => row.indexOf(Math.max(...row));
    const start = await model.prefill(prompts);
    let { logits } = start;
    let suffix = null;
    const written: number[][] = prompts.map(() => []);
    for (let t = 0; t < 6; t++) {
      const ids = prompts.map((_, b) => argmax(logits.subarray(b * V, (b + 1) * V)));
      for (const [b, id] of ids.entries()) {
        written[b]!.push(id);
        const want = expected.get(`greedy.${b}.logits`)!.subarray(t * V, (t + 1) * V);
        expect(worstDifference(logits.subarray(b * V, (b + 1) * V), want)).toBeLessThan(1e-3);
      }
      // Uncached: the whole sequence again.
      const again = await model.prefill(prompts.map((p, b) => ({ ...p, ids: [...p.ids, ...written[b]!] })));
      const next = await model.step(
        start.prefix,
        suffix,
        model.embed(ids),
        start.prefix.next.map((p) => p + t),
      );
      expect(worstDifference(next.logits, again.logits)).toBeLessThan(1e-4);
      expect(worstDifference(next.feedback, again.feedback)).toBeLessThan(1e-4);
      ({ logits, suffix } = next);
    }
    expect(written).toEqual(golden.greedy);
    await model.release();
  });

  it("gives each of several continuations what it would get alone", async () => {
    const { model, prompts } = await load();
    const start = await model.prefill(prompts);
    const token = (id: number) => model.embed([id]);
    const positions = (n: number) =>
      Int32Array.from([...start.prefix.next].flatMap((p) => Array<number>(n).fill(p)));
    const three = new Float32Array(prompts.length * 3 * token(1).length);
    for (let b = 0; b < prompts.length; b++) {
      for (const [j, id] of [5, 9, 17].entries()) three.set(token(id), (b * 3 + j) * token(1).length);
    }
    const together = await model.step(start.prefix, null, three, positions(3));
    for (const [j, id] of [5, 9, 17].entries()) {
      const alone = await model.step(start.prefix, null, model.embed(prompts.map(() => id)), positions(1));
      const V = alone.logits.length / prompts.length;
      for (let b = 0; b < prompts.length; b++) {
        const a = together.logits.subarray((b * 3 + j) * V, (b * 3 + j + 1) * V);
        expect(worstDifference(a, alone.logits.subarray(b * V, (b + 1) * V))).toBeLessThan(1e-5);
      }
    }
    await model.release();
  });
});
