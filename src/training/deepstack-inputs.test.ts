import { describe, expect, it } from "vitest";
import { encodePng } from "../formats/index.ts";
import { createSession, float32 } from "../graph/index.ts";
import {
  createTokenizer,
  expectedTensors,
  type ProcessorConfig,
  pocketConfig,
  pocketTokenizer,
} from "../qwen/index.ts";
import { assembleModel, promptOf } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { answersOf, batcher } from "./batch.ts";
import { deepStackInputs, deepStackTables } from "./deepstack-inputs.ts";
import { trainingSet } from "./sequences.ts";
import { trainingGraph } from "./training-graph.ts";

describe("deepStackTables", () => {
  it("has zeros where rows have nothing further, and no table where none has", () => {
    const deep = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
    const tables = deepStackTables(new Map([[1, deep]]), 2, 6);
    expect(tables.map((table) => [...table])).toEqual([
      [0, 0, 1, 2, 0, 0],
      [0, 0, 3, 4, 0, 0],
    ]);
    expect(deepStackTables(new Map(), 2, 6)).toEqual([]);
  });
});

describe("deepStackInputs", () => {
  it("gives every token that is no feature the row of zeros", () => {
    const values = deepStackInputs([Float32Array.of(1, 2, 3)], [2, 0], 1, Int32Array.of(5, 11, 10, 9), 10);
    expect([...(values["deep.0"]!.data as Float32Array)]).toEqual([0, 3, 1]);
    expect([...values.deepRow!.data].map(Number)).toEqual([0, 2, 1, 0]);
    expect(deepStackInputs(undefined, [0], 1, Int32Array.of(1), 10)).toEqual({});
  });
});

describe("a batch of Qwen3-VL", () => {
  const tokenizer = createTokenizer(pocketTokenizer(["up", "down", "a", "b"]), "test");
  const config = pocketConfig({
    modelType: "qwen3_vl",
    vocabSize: tokenizer.size,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    tied: false,
    extra: { latent_size: 2, lvr_start_id: 7 },
  });
  const r = random(1, "weights");
  const weights = Object.fromEntries(
    [...expectedTensors(config)].map(([name, shape]) => {
      const draw = () => (shape.length === 1 ? 1 + 0.1 * r.normal() : 0.3 * r.normal());
      return [name, float32(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw), shape)];
    }),
  );
  const processor: ProcessorConfig = {
    ...{ patchSize: 6, mergeSize: 2, temporalPatchSize: 2, minPixels: 144, maxPixels: 1440, resize: true },
    ...{ rescaleFactor: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  };
  const picture = (width: number) => {
    const pixels = Uint8Array.from({ length: width * 36 }, () => r.integer(256));
    return encodePng({ width, height: 12, pixels });
  };
  const example = (id: string, widths: number[], answer: number): Example => ({
    id,
    question: `${widths.map(() => "<image>").join(" up ")} down`,
    images: widths.map(picture),
    options: ["a", "b"],
    answer,
    helpers: [],
    counterfactuals: [],
    attributes: {},
  });

  it("has the loss that decoding gives, token by token", async () => {
    const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] }, { threads: 1 });
    const examples = [example("1", [12, 36], 0), example("2", [24], 1)];
    const set = await trainingSet(model, examples, false);
    expect(set.deep!.length).toBe(1);
    const { graph, parameters } = trainingGraph({
      config: config.text,
      batch: 2,
      length: set.length,
      answers: answersOf(set),
      latentWeight: null,
      deepLayers: 1,
    });
    const session = await createSession(graph, { threads: 1 });
    const values = batcher(set, config, 2)([0, 1]);
    const fixed = {
      textShare: float32(Float32Array.of(1), []),
      ...Object.fromEntries([...parameters.keys()].map((name) => [name, weights[name]!])),
    };
    const out = await session.run({ ...values, ...fixed });
    let loss = 0;
    let count = 0;
    for (const [b, { ids, supervised }] of set.sequences.entries()) {
      const prompt = await promptOf(model, examples[b]!);
      for (const position of supervised) {
        const { logits } = await model.network.prefill([
          { ...prompt, ids: [...ids.subarray(0, position + 1)] },
        ]);
        const top = Math.max(...logits);
        const total = logits.reduce((sum, v) => sum + Math.exp(v - top), 0);
        loss += top + Math.log(total) - logits[ids[position + 1]!]!;
        count++;
      }
    }
    expect(count).toBeGreaterThan(3);
    expect(Number(out.loss!.data[0])).toBeCloseTo(loss / count, 4);
    const { shape, data } = values["deep.0"]!;
    const zeros = float32(new Float32Array(data.length), shape);
    const without = await session.run({ ...values, ...fixed, "deep.0": zeros });
    expect(Math.abs(Number(without.loss!.data[0]) - loss / count)).toBeGreaterThan(1e-3);
    await session.release();
    await model.network.release();
  });
});
