/** Gradients by pixels: the same reading as the step machine's, and right by finite differences, in both architectures. */
import { afterAll, describe, expect, it } from "vitest";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { families } from "../../families/index.ts";
import { float32 } from "../../graph/index.ts";
import { dot } from "../../numeric/index.ts";
import {
  createTokenizer,
  expectedTensors,
  imageProcessor,
  type ProcessedImage,
  pixelGradient,
  pocketConfig,
  pocketTokenizer,
  promptVisuals,
} from "../../qwen/index.ts";
import { random } from "../../util/index.ts";
import { continueFrom } from "../continue-prefix.ts";
import { assembleModel } from "../load-model.ts";
import { openPrefix, processor, words } from "../reasoning.fixture.ts";
import { replay, replayRow } from "../replay.ts";
import {
  adversarialPictures,
  attackSteps,
  type PictureRow,
  randomSigns,
  sizeOf,
} from "./adversarial-images.ts";
import {
  type ImageRow,
  imageGradients,
  noPixelGradient,
  pixelNetworkOf,
  readWithImages,
} from "./image-gradient.ts";

const K = 3;
const options = ["up", "down", "left"];

function modelOf(kind: "qwen2_5_vl" | "qwen3_vl") {
  const tokenizer = createTokenizer(pocketTokenizer(words), "fixture");
  const [startId, padId, endId] = families.lantern.tokens.map((token) => tokenizer.idOf(token)!) as [
    number,
    number,
    number,
  ];
  const qwen3 = kind === "qwen3_vl";
  const config = pocketConfig({
    modelType: kind,
    vocabSize: tokenizer.size,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    tied: false,
    // Of Qwen2.5-VL a windowed and a full layer, windows smaller than the images.
    vision: {
      depth: 2,
      ...(qwen3 ? { deepstackBlocks: [0, 1] } : { fullAttentionBlocks: [1], windowSize: 24 }),
    },
    extra: families.lantern.configKeys({ startId, padId, endId, k: K }),
  });
  const weights = Object.fromEntries(
    [...expectedTensors(config)].map(([name, shape]) => {
      const r = random(3, name);
      const inputs = Math.max(
        1,
        shape.slice(1).reduce((a, b) => a * b, 1),
      );
      const data = Float32Array.from({ length: shape[0]! * inputs }, () =>
        shape.length === 1 ? 1 + 0.1 * r.normal() : (1.5 * r.normal()) / Math.sqrt(inputs),
      );
      return [name, float32(data, shape)];
    }),
  );
  return assembleModel({ config, weights, tokenizer, processor, eos: [] }, { threads: 1 });
}

const picture = (width: number, height: number, seed: number) => {
  const r = random(seed, "picture");
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => r.integer(256));
  return { width, height, pixels };
};
const process = imageProcessor(processor);

describe.each(["qwen2_5_vl", "qwen3_vl"] as const)("%s", async (kind) => {
  const model = modelOf(kind);
  afterAll(() => model.network.release());
  const { tokens } = model.network.config;
  // Two images of different sizes, and one; prompts of different lengths.
  const pictures = [[picture(48, 36, 1), picture(24, 24, 2)], [picture(36, 36, 3)]];
  const prompts = await Promise.all(
    pictures.map(async (each, b) => {
      const images = each.map(process);
      const encoded = await model.network.features(images);
      const ids = images.flatMap((image) => [
        tokens.visionStart,
        ...Array<number>((image.grid[1] * image.grid[2]) / 4).fill(tokens.image),
        tokens.visionEnd,
        ...model.tokenizer.encode(b === 0 ? "up down" : "left"),
      ]);
      return { ids, ...promptVisuals(encoded), grids: images.map(({ grid }) => grid) };
    }),
  );
  const shared = await openPrefix(model, prompts);
  const limits = { cue: [model.rules.endId!], maxTokens: 10 };
  const own = await continueFrom(
    model,
    shared,
    prompts.map(() => [{ kind: "own" }]),
    limits,
  );
  const rows = own.map(([c]) => replayRow(model, c!, options).row!);
  const network = pixelNetworkOf(model);
  const given = (images: readonly (readonly ProcessedImage[])[]): ImageRow[] =>
    rows.map((row, i) => ({ ids: prompts[i]!.ids, row, images: images[i]! }));
  const clean = pictures.map((each) => each.map(process));

  it("reads what the step machine reads, and makes the latents that it makes", async () => {
    const before = await replay(model, shared.prefix, rows);
    for (const follow of [false, true]) {
      const found = await readWithImages(network, given(clean), follow);
      for (const [i, { logOdds, scores, latents }] of found.entries()) {
        expect(Math.abs(logOdds - before.logOdds[i]!)).toBeLessThan(1e-4);
        expect(worstDifference(scores, before.scores[i]!)).toBeLessThan(1e-4);
        expect(worstDifference(latents, rows[i]!.latents)).toBeLessThan(1e-4);
      }
    }
    // Other images make other latents: as the step machine makes them of these.
    const other = [[picture(48, 36, 7), picture(24, 24, 8)].map(process), [process(picture(36, 36, 9))]];
    const changed = await Promise.all(
      prompts.map(async (prompt, i) => ({
        ...prompt,
        ...promptVisuals(await model.network.features(other[i]!)),
      })),
    );
    const again = await continueFrom(
      model,
      await openPrefix(model, changed),
      prompts.map(() => [{ kind: "own" }]),
      limits,
    );
    const found = await readWithImages(network, given(other), true);
    for (const [i, { latents }] of found.entries()) {
      expect(worstDifference(latents, again[i]![0]!.latents[0]!)).toBeLessThan(1e-3);
      expect(worstDifference(latents, rows[i]!.latents)).toBeGreaterThan(0.05);
    }
  });

  it.each([true, false])("is right by finite differences; through the latents: %s", async (follow) => {
    const found = await imageGradients(network, given(clean), follow);
    const r = random(4, "directions", String(follow));
    for (const row of [0, 1])
      for (const image of clean[row]!.keys()) {
        const direction = Float32Array.from(clean[row]![image]!.patches, () => r.normal());
        const moved = (by: number) =>
          given(
            clean.map((each, i) =>
              each.map((one, j) =>
                i === row && j === image
                  ? { ...one, patches: one.patches.map((x, d) => x + by * direction[d]!) }
                  : one,
              ),
            ),
          );
        const step = 3e-3;
        const [up, down] = [
          await readWithImages(network, moved(step), follow),
          await readWithImages(network, moved(-step), follow),
        ];
        const slope = (up[row]!.logOdds - down[row]!.logOdds) / (2 * step);
        const gradient = found[row]!.patches[image]!;
        const along = dot(gradient, direction);
        const size = Math.sqrt(dot(gradient, gradient));
        expect(size).toBeGreaterThan(1e-3);
        expect(Math.abs(slope - along)).toBeLessThan(0.01 * size);
      }
    // The two ways differ: the model's latents see the image, and its answer sees them.
    const otherWay = await imageGradients(network, given(clean), !follow);
    expect(worstDifference(found[0]!.patches[0]!, otherWay[0]!.patches[0]!)).toBeGreaterThan(1e-3);
  });

  it("finds pictures within the bounds at which the answer is less likely than at random ones of the same size", async () => {
    const attacked: PictureRow[] = rows.map((row, i) => ({
      ids: prompts[i]!.ids,
      row,
      pictures: pictures[i]!,
    }));
    const by = { config: processor, process };
    const found = await adversarialPictures(network, attacked, by, 4);
    const start = await readWithImages(network, given(clean), true);
    const signs = pictures.map((each, i) => each.map((p, j) => randomSigns(p, 4, random(i, "signs", j))));
    const control = await readWithImages(network, given(signs.map((each) => each.map(process))), true);
    for (const [i, { pictures: moved, logOdds }] of found.entries()) {
      expect(sizeOf(pictures[i]!, moved).largest).toBe(4);
      expect(sizeOf(pictures[i]!, signs[i]!)).toEqual({ largest: 4, rootMeanSquare: 4 });
      expect(logOdds).toBeLessThan(Math.min(start[i]!.logOdds, control[i]!.logOdds) - 0.1);
      // What it says of the pictures is what is read from them.
      const read = await readWithImages(
        network,
        given(found.map((each) => each.pictures.map(process))),
        true,
      );
      expect(read[i]!.logOdds).toBeCloseTo(logOdds, 5);
    }
    const none = await adversarialPictures(network, attacked, by, 0);
    for (const [i, { pictures: same }] of none.entries())
      for (const [j, { pixels }] of same.entries()) expect([...pixels]).toEqual([...pictures[i]![j]!.pixels]);
  }, 60_000);
});

it("gradients come back to the pixels that patches were made of", () => {
  const one = picture(36, 24, 5);
  const { patches, grid } = process(one);
  // Of Σ weight · patch the gradient by a pixel is the difference that a level makes, times 255.
  const r = random(6, "weights");
  const weights = Float32Array.from(patches, () => r.normal());
  const by = pixelGradient(weights, grid, processor);
  for (const at of [0, 1, 2, 36 * 3 + 7, 36 * 3 * 13 + 40, one.pixels.length - 1]) {
    const pixels = one.pixels.slice();
    const up = pixels[at]! < 255 ? 1 : -1;
    pixels[at] = pixels[at]! + up;
    const moved = process({ ...one, pixels }).patches;
    const change = moved.reduce((sum, x, i) => sum + weights[i]! * (x - patches[i]!), 0);
    expect(by[at]).toBeCloseTo(change * 255 * up, 2);
  }
});

it("random signs move every value by exactly as much and never leave a byte; 0 moves nothing", () => {
  const edge = { width: 2, height: 2, pixels: Uint8Array.of(0, 255, 1, 254, 3, 252, 4, 251, 128, 0, 255, 7) };
  for (const levels of [0, 1, 4, 16, 127]) {
    const { pixels } = randomSigns(edge, levels, random(1, "edge"));
    for (const [i, x] of edge.pixels.entries()) expect(Math.abs(pixels[i]! - x)).toBe(levels);
  }
  const { pixels } = randomSigns(picture(40, 40, 6), 4, random(2, "gray"));
  const ups = pixels.filter((x, i) => x > picture(40, 40, 6).pixels[i]!).length / pixels.length;
  expect(ups).toBeGreaterThan(0.45);
  expect(ups).toBeLessThan(0.55);
  expect([attackSteps(0), attackSteps(1), attackSteps(4), attackSteps(16)]).toEqual([0, 2, 5, 20]);
});

it("says why a model has no gradient by pixels, before any work", () => {
  const model = modelOf("qwen2_5_vl");
  expect(noPixelGradient(model)).toBeNull();
  const without = { ...model, network: { ...model.network, patchGradients: undefined } };
  expect(noPixelGradient(without)).toBe("a network that cannot be looked into");
  expect(noPixelGradient({ ...model, rules: { ...model.rules, picks: 1 } })).toMatch(/features of the image/);
  expect(noPixelGradient({ ...model, rules: { ...model.rules, made: "branch" } })).toMatch(/branch/);
  const elsewhere = { ...model, network: { ...model.network, remote: true, replayWhole: undefined } };
  expect(() => pixelNetworkOf(elsewhere)).toThrow(
    /gradients by the pixels of images: expected a Qwen-VL network .* got a network that runs elsewhere/s,
  );
});
