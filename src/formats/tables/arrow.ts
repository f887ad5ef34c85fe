/** Arrow files and streams, as `datasets.save_to_disk` and pyarrow write them. */
import type { FileHandle } from "node:fs/promises";
import { openRegular } from "../files/regular.ts";
import { checkData } from "./arrow-check.ts";
import { checkSchema } from "./arrow-schema.ts";
import { checkFields, checkRows, type DataLimits, dataLimits } from "./limits.ts";

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

const magic = "ARROW1";

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Throws `Error` for a file without its end, which the library would read as far as it goes. */
async function checkEnd(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const head = await bytesAt(handle, 0, 8);
  const tail = await bytesAt(handle, Math.max(0, size - 8), 8);
  if (head.toString("latin1").startsWith(magic)) {
    if (!tail.toString("latin1").endsWith(magic))
      throw new Error("an Arrow file without its footer: it ends too early");
    // Streams of Arrow before 0.15 begin without this mark and end in other ways.
  } else if (head.readInt32LE(0) === -1 && tail.readBigInt64LE(0) !== 0xffff_ffffn)
    throw new Error("an Arrow stream without its end: it ends too early");
}

/**
 * The rows of an Arrow file (either format, stream or file, recognized by its first bytes), one record batch in memory at a time.
 * Throws `Error` for a file that is damaged, ends too early, is compressed in a way that is not read, or is beyond the limits.
 */
export async function* arrowRows(
  path: string,
  limits: DataLimits = dataLimits,
): AsyncGenerator<Record<string, unknown>> {
  // Loaded when first needed: most datasets have no such files.
  const { RecordBatchReader } = await import("apache-arrow");
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size < 8) throw new Error("fewer than 8 bytes");
    await checkEnd(handle);
    await checkSchema(handle, (await bytesAt(handle, 0, 8)).toString("latin1").startsWith(magic) ? 8 : 0);
    const reader = await RecordBatchReader.from(handle);
    await reader.open();
    if (!reader.schema) throw new Error("no schema: the file is no Arrow file, or ends too early");
    checkFields(reader.schema.fields.length, limits);
    let rows = 0;
    for await (const batch of reader) {
      rows += batch.numRows;
      checkRows(rows, size, limits);
      const names = batch.schema.fields.map(({ name }) => name);
      const columns = names.map((name, i) => {
        const column = batch.getChildAt(i);
        if (column?.length !== batch.numRows)
          throw new Error(`column ${name}: ${column?.length} values in a batch of ${batch.numRows}`);
        for (const data of column.data) checkData(data, name);
        return column;
      });
      for (let row = 0; row < batch.numRows; row++)
        yield Object.fromEntries(names.map((name, i) => [name, plain(columns[i]!.get(row))]));
    }
  } finally {
    // The reader has closed it where it came to its end.
    await handle.close().catch(() => undefined);
  }
}
