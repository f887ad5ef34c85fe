/** Arrow files and streams, as `datasets.save_to_disk` and pyarrow write them. */
import { open } from "node:fs/promises";

/** Values as Parquet gives them: lists as arrays, structs as objects, text, numbers, `bigint`, bytes, null. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.map(plain);
  if (Symbol.iterator in value && "length" in value) return Array.from(value as Iterable<unknown>, plain);
  const fields = "toJSON" in value ? (value as { toJSON(): Record<string, unknown> }).toJSON() : value;
  return Object.fromEntries(Object.entries(fields).map(([name, held]) => [name, plain(held)]));
}

/**
 * The rows of an Arrow file (either format, stream or file, told by its first bytes), one record batch in memory at a time.
 * Throws `Error` for a file that is damaged, ends too early, or is compressed in a way that is not read.
 *
 * @example
 * for await (const row of arrowRows("no-such.arrow")) console.log(row); // throws: ENOENT
 */
export async function* arrowRows(path: string): AsyncGenerator<Record<string, unknown>> {
  // Loaded when first needed: most datasets have no such files.
  const { RecordBatchReader } = await import("apache-arrow");
  const handle = await open(path, "r");
  try {
    const reader = await RecordBatchReader.from(handle);
    await reader.open();
    if (!reader.schema) throw new Error("no schema: the file is no Arrow file, or ends too early");
    for await (const batch of reader) {
      const names = batch.schema.fields.map(({ name }) => name);
      const columns = names.map((_, i) => batch.getChildAt(i)!);
      for (let row = 0; row < batch.numRows; row++)
        yield Object.fromEntries(names.map((name, i) => [name, plain(columns[i]!.get(row))]));
    }
  } finally {
    await handle.close().catch(() => undefined);
  }
}
