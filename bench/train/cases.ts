/** The cases of `npm run bench:train`: configuration, weights and batches, as both sides get them. */
import { type Grid, pocketConfig, type QwenConfig } from "../../src/qwen/index.ts";
import { random } from "../../src/util/index.ts";

interface SequenceShape {
  length: number;
  images: number;
  imageTokens: number;
  k: number;
  answer: number;
}

interface TrainCase {
  batch: number;
  shape: SequenceShape;
  config: () => QwenConfig;
  steps: number;
}

export type CaseName = "pocket" | "larger";

/** Tokens of one sequence: text, `images` runs of image tokens, one block of `k` latents, the answer. */
function layout({ length, images, imageTokens, k, answer }: SequenceShape) {
  const kinds = Array.from({ length }, (): "text" | "image" | "latent" => "text");
  const gap = Math.floor((length - answer - k - 1 - images * imageTokens) / images);
  let at = gap;
  for (let i = 0; i < images; i++) {
    kinds.fill("image", at, at + imageTokens);
    at += imageTokens + gap;
  }
  const slots = length - answer - k;
  kinds.fill("latent", slots, slots + k);
  return { kinds, slots };
}

export const cases: Record<CaseName, TrainCase> = {
  // The shape of a step of `study pocket` on tetris.
  pocket: {
    batch: 128,
    shape: { length: 36, images: 7, imageTokens: 1, k: 1, answer: 8 },
    config: () =>
      pocketConfig({
        vocabSize: 32,
        hiddenSize: 96,
        layers: 2,
        heads: 2,
        intermediateSize: 192,
        tied: false,
      }),
    steps: 40,
  },
  // 22 M parameters, 512 tokens.
  larger: {
    batch: 1,
    shape: { length: 512, images: 2, imageTokens: 128, k: 8, answer: 64 },
    config: () =>
      pocketConfig({
        vocabSize: 4096,
        hiddenSize: 512,
        layers: 6,
        heads: 8,
        kvHeads: 4,
        intermediateSize: 1536,
        tied: true,
      }),
    steps: 12,
  },
};

/** Training set as `src/training/sequences.ts` makes it, of random content. */
export function sequencesOf({ batch, shape, config: make }: TrainCase, count = 4 * batch) {
  const config = make();
  const r = random(0, "bench");
  const { kinds, slots } = layout(shape);
  const width = config.text.hiddenSize;
  const perExample = shape.images * shape.imageTokens + shape.k;
  const table = Float32Array.from({ length: count * perExample * width }, () => r.normal());
  const side = Math.sqrt(shape.imageTokens / 2);
  const grid: Grid = shape.imageTokens === 1 ? [1, 2, 2] : [1, 2 * side, 4 * side];
  const sequences = Array.from({ length: count }, (_, n) => {
    let row = n * perExample;
    const ids = kinds.map((kind) =>
      kind === "image" ? config.tokens.image : 7 + r.integer(config.text.vocabSize - 7),
    );
    // Runs of image tokens stand between their markers, from which rotary positions are read.
    for (const i of ids.keys()) {
      if (kinds[i] === "image" && kinds[i - 1] !== "image") ids[i - 1] = config.tokens.visionStart;
      if (kinds[i] === "image" && kinds[i + 1] !== "image") ids[i + 1] = config.tokens.visionEnd;
    }
    ids.push(7 + r.integer(config.text.vocabSize - 7));
    const places = [...kinds.keys()].filter((i) => kinds[i] !== "text");
    const rows = places.map(() => row++);
    return {
      ids: Int32Array.from(ids),
      places: Int32Array.from(places),
      rows: Int32Array.from(rows),
      supervised: Int32Array.from({ length: shape.answer }, (_, i) => shape.length - shape.answer + i),
      beforeSlot: Int32Array.from({ length: shape.k }, (_, i) => slots - 1 + i),
      oracle: Int32Array.from(rows.slice(-shape.k)),
      grids: Array.from({ length: shape.images }, () => grid),
    };
  });
  return { config, set: { sequences, table, width, length: shape.length } };
}
