/** Batches: the examples of a step, and their arrays as inputs of the training graph. */
import { float32, type Value } from "../graph/index.ts";
import { decoderRotary, MASK_VALUE, type QwenConfig, ropeIndex } from "../qwen/index.ts";
import { type Random, random } from "../util/index.ts";
import { hiddenKeys, type View, wholeView } from "./components/index.ts";
import { deepStackInputs } from "./deepstack-inputs.ts";
import { type LatentLoss, lossRecord } from "./losses/index.ts";
import type { Sequence, TrainingSet } from "./sequences.ts";

/**
 * The indices of the examples of a step. Every epoch visits each example once, in its own order. They depend on the seed and
 * the step only, so a resumed training sees the same examples as an uninterrupted one.
 *
 * @example
 * batchOrder({ count: 10, batch: 4, seed: 0 })(0).length; // 4
 */
export function batchOrder({
  count,
  batch,
  seed,
}: {
  count: number;
  batch: number;
  seed: number;
}): (step: number) => number[] {
  // Shuffling thousands of examples takes longer than a batch: the order of the epoch at hand is kept.
  let order: number[] = [];
  let known = -1;
  return (step) =>
    Array.from({ length: batch }, (_, n) => {
      const i = step * batch + n;
      const epoch = Math.floor(i / count);
      if (epoch !== known) {
        order = orderOf(count, seed, epoch);
        known = epoch;
      }
      return order[i % count]!;
    });
}

const orderOf = (count: number, seed: number, epoch: number): number[] =>
  random(seed, "epoch", epoch).shuffled(Array.from({ length: count }, (_, i) => i));

/** int64 from 32-bit integers without a detour over BigInt objects: little-endian low words. */
function int64From(values: Int32Array, shape: readonly number[]): Value {
  const words = new Int32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    words[2 * i] = values[i]!;
    words[2 * i + 1] = values[i]! < 0 ? -1 : 0;
  }
  return { dtype: "int64", data: new BigInt64Array(words.buffer), shape };
}

/** Additive mask [T, T]: a token attends to itself and to earlier tokens. */
function causalMask(length: number): Value {
  const mask = new Float32Array(length * length).fill(-1e9);
  for (let q = 0; q < length; q++) mask.fill(0, q * length, q * length + q + 1);
  return float32(mask, [length, length]);
}

interface RotaryLayout {
  cos: Float32Array;
  sin: Float32Array;
}

/** Rotary tables depend on the positions of the images: few layouts among all examples. */
function rotaryLayouts(
  { sequences, length }: TrainingSet,
  config: QwenConfig,
): (index: number) => RotaryLayout {
  const rotary = decoderRotary(config.text);
  const layouts = new Map<string, RotaryLayout>();
  const made = sequences.map(({ ids, grids }) => {
    const imageAt = [...ids.keys()].filter((i) => ids[i] === config.tokens.image);
    const key = `${ids.length}|${imageAt}|${grids.join(";")}`;
    let layout = layouts.get(key);
    if (!layout) {
      const row = Array.from({ length }, (_, i) => ids[i] ?? 0);
      const mask = row.map((_, i) => (i < ids.length ? 1 : 0));
      const images = grids.length > 0 ? grids : null;
      layout = rotary(ropeIndex({ ids: [row], mask: [mask], grids: images }, config).positions);
      layouts.set(key, layout);
    }
    return layout;
  });
  return (index) => made[index]!;
}

/** Positions whose final hidden state is computed: before supervised tokens and before slots. */
const askedOf = ({ supervised, beforeSlot }: Sequence): number[] =>
  [...new Set([...supervised, ...beforeSlot])].sort((a, b) => a - b);

/** The largest number of positions of a sequence whose final hidden state is computed. */
export const answersOf = ({ sequences }: Pick<TrainingSet, "sequences">): number =>
  sequences.reduce((most, s) => Math.max(most, askedOf(s).length), 0);

/** Arrays of a head beside the decoder: what each slot sees, the row in whose place it stands, and where it starts. */
const branchArrays = (batch: number, length: number, slots: number) => ({
  mask: new Float32Array(batch * slots * (length + slots)).fill(MASK_VALUE),
  rows: new Int32Array(batch * slots),
  start: new Int32Array(batch * slots),
});

/** What a recipe adds to batches. */
export interface BatchOptions {
  /** Passes over the sequence that fill slots with own latents. */
  feedbackRounds?: number;
  /** All slots are filled after one pass. */
  together?: boolean;
  /** A head beside the decoder makes blocks of so many slots; `fromImage`: from `start` of each sequence. */
  beside?: { k: number; fromImage: boolean };
  /** Learned vectors of a head that ignores hidden states; 0: slots hold features. */
  slotVectors?: number;
  view?: View;
  /** The latent loss, for its inputs; its inputs are left out without. */
  loss?: LatentLoss;
  /** The largest number of hard negatives of an example. */
  negatives?: number;
  /** Result of the loss's `prepare`. */
  prepared?: unknown;
}

/** Random draws for a micro-batch. */
export interface Draws {
  random: Random;
  /** Share of slots that hold own latents. */
  ownShare: number;
}

/**
 * Makes batches of a training set. Sequences shorter than the longest are padded on the right: nothing attends to padding,
 * because attention is causal and padding is never supervised. With `feedbackRounds`, the arrays by which latents are fed
 * back into slots, each slot in its own round, or with `together` all in the first; without draws, all slots are fed.
 */
export function batcher(
  set: TrainingSet,
  config: QwenConfig,
  batch: number,
  {
    feedbackRounds = 0,
    together = false,
    beside,
    slotVectors: learned = 0,
    view = wholeView,
    loss,
    negatives = 0,
    prepared,
  }: BatchOptions = {},
) {
  const { length, width } = set;
  const half = config.text.headDim / 2;
  const mask = causalMask(length);
  const answers = answersOf(set);
  const lossInputs = loss && lossRecord(loss).inputs;
  // Learned vectors of slots are between the embedding table and the features.
  const vocabulary = config.text.vocabSize + learned;
  const layoutOf = rotaryLayouts(set, config);
  const askedPositions = set.sequences.map(askedOf);
  return (indices: readonly number[], draws?: Draws): Record<string, Value> => {
    // Rows are ordered token by token: row = position · batch + example.
    const rows = batch * length;
    const source = new Int32Array(rows);
    const layouts = [...new Set(indices.map(layoutOf))];
    const rotaryRows = new Int32Array(rows);
    const asked = new Int32Array(batch * answers);
    const askedMask = new Int32Array(batch * answers);
    const supervised: number[] = [];
    const targets: number[] = [];
    const beforeSlot: number[] = [];
    const oracleRow: number[] = [];
    const features: number[] = [];
    const fed = Array.from({ length: feedbackRounds }, () => Int32Array.from({ length: rows }, (_, i) => i));
    const masks = view.kind === "whole" ? null : new Float32Array(rows * length);
    const local: ReadonlyMap<number, number>[] = [];
    const perExample = beside ? set.sequences[indices[0]!]!.beforeSlot.length : 0;
    const ofBranch = beside && branchArrays(batch, length, perExample);
    for (const [b, index] of indices.entries()) {
      const s = set.sequences[index]!;
      const firstRow = layouts.indexOf(layoutOf(index)) * length;
      for (let t = 0; t < length; t++) {
        const row = t * batch + b;
        source[row] = s.ids[t] ?? 0;
        rotaryRows[row] = firstRow + t;
      }
      const own = new Map<number, number>();
      local.push(own);
      const rowOf = (feature: number): number => {
        let at = own.get(feature);
        if (at === undefined) {
          at = features.push(feature) - 1;
          own.set(feature, at);
        }
        return at;
      };
      for (const [i, place] of s.places.entries()) {
        source[place * batch + b] = vocabulary + rowOf(s.rows[i]!);
      }
      if (learned > 0) {
        for (const [slot, position] of s.beforeSlot.entries()) {
          source[(position + 1) * batch + b] = config.text.vocabSize + (slot % learned);
        }
      }
      if (negatives > 0) s.negatives?.forEach(rowOf);
      if (masks) {
        masks.set(mask.data as Float32Array, b * length * length);
        for (const [q, k] of hiddenKeys(s, view, config.tokens.image, draws)) {
          masks[(b * length + q) * length + k] = MASK_VALUE;
        }
      }
      const positions = askedPositions[index]!;
      const rankOf = new Map(positions.map((position, q) => [position, q * batch + b]));
      for (let q = 0; q < answers; q++) {
        // Sequences with fewer answer rows repeat their last one, which nothing reads.
        const position = positions[q] ?? positions.at(-1)!;
        asked[q * batch + b] = position * batch + b;
        askedMask[b * answers + q] = position;
      }
      for (const position of s.supervised) {
        targets.push(supervised.length, s.ids[position + 1]!);
        supervised.push(rankOf.get(position)!);
      }
      for (const [slot, position] of s.beforeSlot.entries()) {
        const round = fed[together ? 0 : Math.floor(slot / (beside?.k ?? 1))];
        if (round && (!draws || draws.random.uniform() < draws.ownShare)) {
          round[(position + 1) * batch + b] = rows + beforeSlot.length;
        }
        beforeSlot.push(rankOf.get(position)!);
      }
      if (beside && ofBranch) {
        for (const [slot, position] of s.beforeSlot.entries()) {
          const first = s.beforeSlot[slot - (slot % beside.k)]!;
          const seen = masks
            ? masks.subarray((b * length + first) * length, (b * length + first + 1) * length)
            : (mask.data as Float32Array).subarray(first * length, (first + 1) * length);
          const row = ofBranch.mask.subarray((b * perExample + slot) * (length + perExample));
          row.set(seen);
          const block = length + slot - (slot % beside.k);
          row.fill(0, block, block + beside.k);
          ofBranch.rows[slot * batch + b] = (position + 1) * batch + b;
          if (beside.fromImage) ofBranch.start[slot * batch + b] = rowOf(s.start![slot]!);
        }
      }
      for (const feature of s.oracle) oracleRow.push(own.get(feature)!);
    }
    const table = new Float32Array(features.length * width);
    for (const [i, row] of features.entries())
      table.set(set.table.subarray(row * width, (row + 1) * width), i * width);
    const stacked = (tables: readonly Float32Array[]): Value => {
      // The kernel takes the second axis of `rows`, the batch, for the sequence length and requires that number of rows.
      const height = Math.max(tables.length * length, batch);
      const all = new Float32Array(height * half);
      for (const [i, part] of tables.entries()) all.set(part, i * length * half);
      return float32(all, [height, half]);
    };
    const int64 = (values: readonly number[], shape: readonly number[]) =>
      int64From(Int32Array.from(values), shape);
    return {
      mask: masks ? float32(masks, [rows, length]) : mask,
      features: float32(table, [features.length, width]),
      ...deepStackInputs(set.deep, features, width, source, vocabulary),
      source: int64From(source, [rows]),
      cos: stacked(layouts.map(({ cos }) => cos)),
      sin: stacked(layouts.map(({ sin }) => sin)),
      rows: int64From(rotaryRows, [length, batch]),
      asked: int64From(asked, [asked.length]),
      askedMask: int64From(askedMask, [askedMask.length]),
      supervised: int64(supervised, [supervised.length]),
      targets: int64(targets, [supervised.length, 2]),
      ...(beforeSlot.length > 0 && {
        beforeSlot: int64(beforeSlot, [beforeSlot.length]),
        oracleRow: int64(oracleRow, [oracleRow.length]),
      }),
      ...(beside &&
        ofBranch && {
          slotRows: int64From(ofBranch.rows, [ofBranch.rows.length]),
          slotMask: float32(ofBranch.mask, [batch * perExample, length + perExample]),
          ...(beside.fromImage && { startRow: int64From(ofBranch.start, [ofBranch.start.length]) }),
        }),
      ...Object.fromEntries(fed.map((origin, i) => [`fed${i + 1}`, int64From(origin, [rows])])),
      ...lossInputs?.(
        {
          examples: indices.map((index, b) => ({ sequence: set.sequences[index]!, local: local[b]! })),
          ...{ set, slots: beforeSlot.length, negatives, prepared },
          // Only losses of trainings draw; those are given a stream.
          random: draws?.random ?? random(0, "loss"),
        },
        loss!,
      ),
    };
  };
}
