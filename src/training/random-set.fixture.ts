/** Small random models and training sets, for what must hold whatever is learned. */
import type { Value } from "../graph/index.ts";
import { cellSize, pocketConfig } from "../qwen/index.ts";
import { type LatentConfig, plainLatentConfig } from "../reasoning/index.ts";
import { random } from "../util/index.ts";
import { type AuxiliaryShapes, createStores } from "./pocket-model.ts";
import type { TrainingSet } from "./sequences.ts";

const VOCABULARY = 24;
/** Slots of an example. */
export const K = 2;

/** Examples of random content: two images of one token, a block of K slots, an answer of three tokens. */
export function randomSet(width: number, count: number): TrainingSet {
  const r = random(0, "proof");
  const word = () => 7 + r.integer(VOCABULARY - 7);
  const perExample = 2 + K;
  const sequences = Array.from({ length: count }, (_, n) => {
    // Padding on the right: every other example is one word shorter.
    const head = [word(), 3, 5, 4, word(), 3, 5, 4, ...(n % 2 ? [] : [word()])];
    const block = head.length;
    const ids = [...head, ...Array<number>(K).fill(8), word(), word(), word()];
    const slots = Array.from({ length: K }, (_, j) => block + j);
    const rows = Array.from({ length: perExample }, (_, i) => n * perExample + i);
    return {
      ids: Int32Array.from(ids),
      places: Int32Array.from([2, 6, ...slots]),
      rows: Int32Array.from(rows),
      supervised: Int32Array.from([block + K - 1, block + K, block + K + 1]),
      beforeSlot: Int32Array.from(slots.map((at) => at - 1)),
      oracle: Int32Array.from(rows.slice(2)),
      explained: Int32Array.from(n % 2 ? [10] : [9, 12, 11]),
      grids: [
        [1, 2, 2],
        [1, 2, 2],
      ] as [number, number, number][],
    };
  });
  const table = Float32Array.from({ length: count * perExample * width }, () => r.normal());
  const length = Math.max(...sequences.map(({ ids }) => ids.length)) - 1;
  const cells = cellSize(configOf(width).vision);
  const draw = () => Float32Array.from({ length: cells }, () => r.normal());
  const rows = new Map(sequences.flatMap(({ oracle }) => [...oracle].map((row) => [row, draw()])));
  return { sequences, table, cells: { width: cells, rows }, width, length };
}

const configOf = (width: number) =>
  pocketConfig({ vocabSize: VOCABULARY, hiddenSize: width, layers: 2, heads: 2, kvHeads: 1, tied: false });

/** `k`: slots of a block. */
export function weightsOf(
  width: number,
  seed: number,
  latentConfig: LatentConfig = plainLatentConfig,
  k = K,
  auxiliary?: AuxiliaryShapes,
) {
  const plain = configOf(width);
  const config = { ...plain, raw: { ...plain.raw, latent_size: k } };
  const { decoder, vision, buffers } = createStores(config, latentConfig, auxiliary && { auxiliary });
  const r = random(seed, "weights");
  for (const [name, view] of [...decoder.views, ...vision.views]) {
    const gain = name.endsWith("norm.weight");
    for (let i = 0; i < view.length; i++) view[i] = gain ? 1 + 0.1 * r.normal() : 0.3 * r.normal();
  }
  return { config, decoder, vision, buffers };
}

export const inDouble = ({ dtype, data, shape }: Value): Value =>
  dtype === "float32"
    ? { dtype: "float64", shape, data: Float64Array.from(data as Float32Array) }
    : { dtype, data, shape };
