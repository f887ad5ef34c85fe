/** Examples as training sequences: token ids, positions of image features and oracle latents, supervised positions. */
import { largest } from "../numeric/index.ts";
import { cellSize, type Grid, type QwenConfig } from "../qwen/index.ts";
import { type LatentModel, oraclesOf, promptOf } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import { withBareRationale } from "./components/rationale.ts";
import { deepStackTables } from "./deepstack-inputs.ts";

/** One example, ready to be copied into a batch. Positions count from the start of the sequence. */
export interface Sequence {
  ids: Int32Array;
  /** Positions whose embedding is replaced, and the rows of the feature table that replace them. */
  places: Int32Array;
  rows: Int32Array;
  /** Positions whose next id is learned. */
  supervised: Int32Array;
  /** Positions before each slot, and the feature rows that the hidden state there should equal. */
  beforeSlot: Int32Array;
  oracle: Int32Array;
  /** Feature rows that latents start from, as many as in `oracle`; only for heads that start from an image. */
  start?: Int32Array;
  /** Tokens of the words before blocks; only for losses that read them off latents. */
  explained?: Int32Array;
  /** Feature rows of the helpers of wrong options, as many per option as in `oracle`; only for losses that use them. */
  negatives?: Int32Array;
  /** Of the images, in order. */
  grids: readonly Grid[];
}

/** Cells [width] of the rows of a feature table that have some. */
interface CellRows {
  width: number;
  rows: ReadonlyMap<number, Float32Array>;
}

export interface TrainingSet {
  sequences: Sequence[];
  /** Every vector that replaces a token embedding, [F, D]. */
  table: Float32Array;
  /** DeepStack: what each of the first layers adds at a row of `table`, [F, D]. */
  deep?: readonly Float32Array[];
  /** Patch groups that the tower's merger turned into oracle latents, where the model's features include them. */
  cells?: CellRows;
  width: number;
  /** Length of the longest sequence. */
  length: number;
}

/** A growing table of rows, each content once. */
function featureTable(width: number) {
  let data = new Float32Array(1024 * width);
  let used = 0;
  const starts = new Map<unknown, number>();
  return {
    /** Index of the first row of `rows`, added at the first call with this `key`. */
    add(key: unknown, rows: () => Float32Array): number {
      const known = starts.get(key);
      if (known !== undefined) return known;
      const values = rows();
      while ((used + 1) * width + values.length > data.length) {
        const larger = new Float32Array(data.length * 2);
        larger.set(data);
        data = larger;
      }
      data.set(values, used * width);
      starts.set(key, used);
      const start = used;
      used += values.length / width;
      return start;
    },
    finish: () => data.slice(0, used * width),
  };
}

/**
 * Builds the training set of a model. With `latents` every helper becomes a block whose slots hold the oracle; with
 * `negatives` the helpers of wrong options are there too, for losses that contrast with them; with `bare`, of reasoning
 * only what stands before blocks (`withBareRationale`); `startImage`: the question's image that latents start from; `words`: of
 * each example, those that a loss reads off its latents.
 *
 * Errors: code "dataset" where latents are wanted and an example has no helper.
 */
export async function trainingSet(
  model: LatentModel,
  examples: readonly Example[],
  latents: boolean,
  {
    negatives = false,
    bare = false,
    startImage = null,
    words,
  }: {
    negatives?: boolean;
    bare?: boolean;
    startImage?: number | null;
    words?: readonly (readonly string[])[];
  } = {},
): Promise<TrainingSet> {
  const { tokenizer, family, rules, network, features } = model;
  const width = network.config.text.hiddenSize;
  const image = network.config.tokens.image;
  const end = model.eos[0]!;
  const table = featureTable(width);
  const deepRows = new Map<number, readonly Float32Array[]>();
  const cellRows = new Map<number, Float32Array>();
  const cells = cellSize((network.config as QwenConfig).vision);
  // One pass over all images first, so that the vision tower sees large batches.
  await features.get(examples.flatMap((e) => (latents ? [...e.images, ...e.helpers] : e.images)));
  const sequences: Sequence[] = [];
  for (const [index, example] of examples.entries()) {
    ensure(!latents || example.helpers.length > 0, "dataset", () => ({
      where: `example ${example.id}`,
      id: "E_NO_HELPER",
      expected: "a helper image, which recipes with latents learn from",
      got: "none",
      attempt: "a dataset with helpers, or the recipe text",
    }));
    const prompt = await promptOf(model, example);
    const ids = [...prompt.ids];
    const places: number[] = [];
    const rows: number[] = [];
    const supervised: number[] = [];
    const beforeSlot: number[] = [];
    const oracle: number[] = [];
    const wrong: number[] = [];
    const begins: number[] = [];
    const images = await features.get(example.images);
    const queue = images.flatMap((f) => {
      const start = table.add(f.index, () => f.rows);
      if (f.deep) deepRows.set(start, f.deep);
      return Array.from({ length: f.rows.length / width }, (_, i) => start + i);
    });
    let used = 0;
    for (const [position, id] of prompt.ids.entries()) {
      if (id !== image) continue;
      places.push(position);
      rows.push(queue[used++]!);
    }
    const oracles = latents ? await oraclesOf(model, example) : [];
    const helpers = latents ? await features.get(example.helpers) : [];
    const source = latents && startImage !== null ? images[startImage] : undefined;
    ensure(!latents || startImage === null || source, "dataset", () => ({
      where: `example ${example.id}`,
      expected: `an image of number ${startImage}, counted from 0, which latents start from`,
      got: `${images.length} images`,
      attempt: "a recipe whose latents start from noise (startImage null)",
    }));
    let block = 0;
    const write = (id: number): void => {
      supervised.push(ids.length - 1);
      ids.push(id);
    };
    const { reasoning, ...silent } = example;
    const response =
      bare && latents && reasoning
        ? withBareRationale(family.response(silent, latents), reasoning)
        : family.response(bare ? silent : example, latents);
    for (const part of response) {
      if ("text" in part) for (const id of tokenizer.encode(part.text)) write(id);
      else {
        const vectors = oracles[block]!;
        const helper = helpers[block]!;
        const start = table.add(`oracle ${helper.index}`, () => vectors);
        if (helper.cells && !cellRows.has(start)) {
          const own = family.compress(helper.cells, cells, rules.k);
          for (let j = 0; j < rules.k; j++) cellRows.set(start + j, own.subarray(j * cells, (j + 1) * cells));
        }
        if (source) {
          const key = `start ${source.index}`;
          const at = table.add(key, () => family.compress(source.rows, width, rules.k));
          for (let j = 0; j < rules.k; j++) begins.push(at + j);
        }
        for (let j = 0; j < rules.k; j++) {
          beforeSlot.push(ids.length - 1);
          oracle.push(start + j);
          places.push(ids.length);
          rows.push(start + j);
          ids.push(rules.padId);
        }
        block++;
      }
    }
    write(end);
    for (const pictures of negatives ? example.counterfactuals : []) {
      for (const { index, rows: merged } of pictures ? await features.get(pictures) : []) {
        const start = table.add(`oracle ${index}`, () => family.compress(merged, width, rules.k));
        for (let j = 0; j < rules.k; j++) wrong.push(start + j);
      }
    }
    sequences.push({
      ids: Int32Array.from(ids),
      places: Int32Array.from(places),
      rows: Int32Array.from(rows),
      supervised: Int32Array.from(supervised),
      beforeSlot: Int32Array.from(beforeSlot),
      oracle: Int32Array.from(oracle),
      ...(words && { explained: Int32Array.from(tokenizer.encode(words[index]!.join(" "))) }),
      ...(source && { start: Int32Array.from(begins) }),
      ...(negatives && { negatives: Int32Array.from(wrong) }),
      grids: prompt.grids,
    });
  }
  const rows = table.finish();
  const deep = deepStackTables(deepRows, width, rows.length);
  return {
    sequences,
    table: rows,
    ...(deep.length > 0 && { deep }),
    ...(cellRows.size > 0 && { cells: { width: cells, rows: cellRows } }),
    width,
    // The last id is only a target: nothing follows it.
    length: largest(sequences.map((s) => s.ids.length)) - 1,
  };
}
