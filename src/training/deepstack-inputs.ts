/** DeepStack features of images (Qwen3-VL) on their way into training steps. */
import { float32, int64, type Value } from "../graph/index.ts";
import { largest } from "../numeric/index.ts";

/** Further features of rows of a table, by first row: one matrix [n, D] for each of the first layers. */
type DeepStackRows = ReadonlyMap<number, readonly Float32Array[]>;

/** A table [F·D] for each layer, zero for rows without further features (oracle latents). Empty where no row has any. */
export function deepStackTables(rows: DeepStackRows, width: number, size: number): Float32Array[] {
  const layers = largest(
    [...rows.values()].map((deep) => deep.length),
    0,
  );
  return Array.from({ length: layers }, (_, i) => {
    const table = new Float32Array(size);
    for (const [start, deep] of rows) table.set(deep[i]!, start * width);
    return table;
  });
}

/**
 * The inputs `deep.i` [1 + Z, D] and `deepRow` of a micro-batch whose features are these rows of the tables. Entries of
 * `source` from `first` on are features.
 */
export function deepStackInputs(
  tables: readonly Float32Array[] | undefined,
  features: readonly number[],
  width: number,
  source: Int32Array,
  first: number,
): Record<string, Value> {
  const inputs: Record<string, Value> = {};
  for (const [i, table] of (tables ?? []).entries()) {
    // row 0 is for all other tokens
    const own = new Float32Array((1 + features.length) * width);
    for (const [at, row] of features.entries())
      own.set(table.subarray(row * width, (row + 1) * width), (1 + at) * width);
    inputs[`deep.${i}`] = float32(own, [1 + features.length, width]);
    inputs.deepRow = int64(
      source.map((from) => Math.max(0, from - first + 1)),
      [source.length],
    );
  }
  return inputs;
}
