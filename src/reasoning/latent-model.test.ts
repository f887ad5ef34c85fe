import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../test/tiny.fixture.ts";
import { encodePng } from "../formats/index.ts";
import { imageProcessor } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import { createFeatureStore } from "./feature-store.ts";
import { promptOf } from "./latent-model.ts";
import { oraclesOf } from "./oracles.ts";
import { readContinuation } from "./read-answer.ts";
import { processor, randomModel, words } from "./reasoning.fixture.ts";

const D = 32;
const picture = (width: number, shade: number) =>
  encodePng({ width, height: 12, pixels: new Uint8Array(width * 12 * 3).fill(shade) });
const example: Example = {
  id: "7",
  question: "up <image> down <image>",
  images: [picture(12, 0), picture(24, 200)],
  options: ["a", "b"],
  answer: 0,
  helpers: [picture(48, 100), picture(24, 30)],
  counterfactuals: [],
  attributes: {},
};
const model = randomModel(2);
afterAll(() => model.network.release());

describe("promptOf", () => {
  it("has one image token for each feature row, and the rows in order", async () => {
    const prompt = await promptOf(model, example);
    const { image } = model.network.config.tokens;
    expect(prompt.ids.filter((id) => id === image)).toHaveLength(1 + 2);
    expect(prompt.grids).toEqual([
      [1, 2, 2],
      [1, 2, 4],
    ]);
    const [one, two] = await model.features.get(example.images);
    expect([...prompt.visuals]).toEqual([...one!.rows, ...two!.rows]);
    const text = model.tokenizer.decode(prompt.ids);
    expect(text.indexOf("up")).toBeLessThan(text.indexOf("down"));
  });

  it("names the example whose question does not name each image", async () => {
    await expect(promptOf(model, { ...example, question: "<image>" })).rejects.toThrow(
      /example 7, question: expected one "<image>" for each of its 2 images/,
    );
  });
});

describe("oraclesOf", () => {
  it("gives a block of K rows for each helper, means of equal groups of its features", async () => {
    const [first, second, ...more] = await oraclesOf(model, example);
    expect(more).toEqual([]);
    const [wide] = await model.features.get(example.helpers);
    expect(wide!.rows.length).toBe(4 * D);
    const half = (from: number, d: number) =>
      (wide!.rows[from * D + d]! + wide!.rows[(from + 1) * D + d]!) / 2;
    for (let d = 0; d < D; d++) {
      expect(first![d]).toBeCloseTo(half(0, d), 5);
      expect(first![D + d]).toBeCloseTo(half(2, d), 5);
    }
    expect(second!.length).toBe(2 * D);
    expect(await oraclesOf(model, { ...example, helpers: [] })).toEqual([]);
  });
});

describe("the feature store", () => {
  it("computes each content once, and pictures of no dataset every time", async () => {
    let computed = 0;
    const counting = {
      features: (images: Parameters<typeof model.network.features>[0]) => {
        computed += images.length;
        return model.network.features(images);
      },
    };
    const store = createFeatureStore(counting, imageProcessor(processor));
    const [a, b, c] = await store.get([picture(12, 1), picture(12, 2), picture(12, 1)]);
    expect([computed, store.size, a!.index, b!.index, c!.index]).toEqual([2, 2, 0, 1, 0]);
    await store.get([picture(12, 2)]);
    expect(computed).toBe(2);
    const shown = { width: 12, height: 12, pixels: new Uint8Array(12 * 12 * 3).fill(1) };
    const [rows] = await store.of([shown]);
    expect(worstDifference(rows!, a!.rows)).toBeLessThan(1e-5);
    expect([computed, store.size]).toEqual([3, 2]);
  });

  it("says that an image of the dataset cannot be decoded", async () => {
    const error = await model.features.get([Uint8Array.of(1, 2, 3)]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(LintelError);
    expect((error as LintelError).code).toBe("dataset");
  });
});

describe("readContinuation", () => {
  const row = { written: [], state: "block" as const, answerLogits: null };
  const said = (text: string, answerLogits: Float32Array | null) => ({
    ids: model.tokenizer.encode(text),
    latents: [],
    blocks: 1,
    endings: [],
    answerLogits,
  });
  const logits = new Float32Array(model.tokenizer.size);
  logits[model.tokenizer.idOf("a")!] = 2;
  logits[model.tokenizer.idOf("b")!] = 1;

  it("reads the option, and the options' probabilities, which add up to one", () => {
    const answer = readContinuation(model, row, said("<answer> b </answer>", logits), ["a", "b"]);
    expect(answer.choice).toBe(1);
    expect(answer.text).toContain("<answer> b </answer>");
    const [a, b] = answer.optionLogProbabilities!;
    expect(a! - b!).toBeCloseTo(1, 6);
    expect(Math.exp(a!) + Math.exp(b!)).toBeCloseTo(1, 6);
  });

  it("walks a plan where the example has a map: every way to the goal is the right option", () => {
    const map = [
      [1, 0],
      [0, 2],
    ];
    const read = (text: string, options: readonly string[]) =>
      readContinuation(
        { ...model, tokenizer: { ...model.tokenizer, decode: () => text } },
        row,
        said("up", null),
        options,
        {
          map,
          answer: 1,
        },
      ).choice;
    expect([
      read("\\boxed{D,R}", ["U", "R,D"]),
      read("\\boxed{U}", ["U", "R,D"]),
      read("R,D", ["U", "R,D"]),
    ]).toEqual([1, 0, null]);
  });

  it("takes logits and words from before the block where there was none", () => {
    const before = {
      written: model.tokenizer.encode("<answer> a"),
      state: "eos" as const,
      answerLogits: logits,
    };
    const answer = readContinuation(model, before, said("", null), ["a", "b"]);
    expect(answer.choice).toBe(0);
    expect(answer.optionLogProbabilities).not.toBeNull();
  });

  it("has no probabilities without logits, or where options begin alike", () => {
    const options = ["a b", "a c"];
    expect(words).toContain("c");
    expect(readContinuation(model, row, said("up", null), ["a", "b"]).optionLogProbabilities).toBeNull();
    expect(readContinuation(model, row, said("up", logits), options).optionLogProbabilities).toBeNull();
    expect(readContinuation(model, row, said("up", logits), options).choice).toBeNull();
  });
});
