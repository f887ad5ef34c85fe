import type { FileHandle } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetSchema } from "hyparquet";
import { ensure, type LintelError } from "../../util/index.ts";
import { openRegular } from "../files/regular.ts";
import { type DataLimits, dataLimits, unpackedLimit } from "./limits.ts";
import { pageCodecs } from "./parquet-codecs.ts";
import type { ReadBytes } from "./parquet-pages.ts";
import { checkGroups, groupRows } from "./parquet-rows.ts";
import { unreadableFile } from "./sniff.ts";

/** An open Parquet file. */
interface ParquetSource {
  readonly rows: number;
  /** Names of the top-level columns. */
  readonly columns: string[];
  /**
   * The rows in order, in batches of at most 1,024, from row `from` (default 0) on; row groups before it are not read.
   * `close` is left to the caller.
   */
  read(columns: string[], from?: number): AsyncGenerator<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const unreadable = (path: string, cause: unknown, part?: string): Promise<LintelError> =>
  unreadableFile(
    path,
    {
      where: part === undefined ? path : `${path}, ${part}`,
      expected: "a readable Parquet file",
      attempt: "writing or downloading the file again; it may be truncated or damaged",
    },
    cause,
  );

const readerOf =
  (handle: FileHandle, size: number): ReadBytes =>
  async (start, length) => {
    if (!(start >= 0 && length >= 0 && start + length <= size))
      throw new Error(`bytes ${start} to ${start + length} of a file of ${size}`);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, start);
    if (bytesRead !== length) throw new Error(`${bytesRead} of ${length} bytes at ${start}`);
    return buffer;
  };

function bufferOf(read: ReadBytes, size: number): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = await read(start, end - start);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
}

const codecs: readonly string[] = ["UNCOMPRESSED", "SNAPPY", ...Object.keys(pageCodecs)];

function checkCodecs(path: string, { row_groups }: FileMetaData, wanted: readonly string[]): void {
  for (const { columns } of row_groups) {
    for (const { meta_data: meta } of columns) {
      if (!meta || !wanted.includes(meta.path_in_schema[0]!)) continue;
      ensure(codecs.includes(meta.codec), "dataset", () => ({
        where: `${path}, column ${meta.path_in_schema.join(".")}`,
        expected: `one of the compressions ${codecs.join(", ")}`,
        got: meta.codec ?? "an unknown one",
        attempt: "writing the file again with snappy or zstd",
      }));
    }
  }
}

/**
 * Opens a Parquet file for reading. Only the columns requested are read, page by page and as far as their rows are
 * consumed. All compressions but LZO are read. Strings come as strings, other byte arrays as `Uint8Array`, 64-bit integers
 * as `bigint`, structs as objects. Checksums of pages are compared where the file has them.
 *
 * Throws `LintelError` "dataset" with the file's path when it is missing, truncated or damaged, or beyond the limits: when a
 * page would unpack to more than 128 MiB, holds more than 8 Mi values, or a small file states very many rows or unpacks to
 * very much. Damage within a page without a checksum may decode to wrong values:
 * where a checksum of the file is known, compare it first.
 */
export async function openParquet(path: string, limits: DataLimits = dataLimits): Promise<ParquetSource> {
  let handle: FileHandle;
  try {
    handle = await openRegular(path);
  } catch (error) {
    throw await unreadable(path, error);
  }
  try {
    const { size } = await handle.stat();
    if (size < 12) throw new Error(`a file of ${size} bytes`);
    const read = readerOf(handle, size);
    const end = Buffer.from(await read(size - 8, 8));
    const footer = end.toString("latin1", 4) === "PAR1" ? end.readUInt32LE() : 0;
    if (footer > limits.page) throw new Error(`a footer of ${footer} bytes, more than ${limits.page}`);
    const metadata = await parquetMetadataAsync(bufferOf(read, size), { geoparquet: false });
    checkGroups(metadata, size, limits);
    const schema = parquetSchema(metadata);
    const columns = schema.children.map((child) => child.element.name);
    return {
      rows: Number(metadata.num_rows),
      columns,
      async *read(wanted, from = 0) {
        for (const name of wanted) {
          ensure(columns.includes(name), "dataset", () => ({
            where: path,
            expected: `a column ${JSON.stringify(name)}`,
            got: columns.join(", "),
          }));
        }
        checkCodecs(path, metadata, wanted);
        let skip = from;
        const most = unpackedLimit(size, limits);
        let total = 0;
        const unpacked = (bytes: number): void => {
          total += bytes;
          if (total > most)
            throw new Error(`${total} bytes of values in a file of ${size}, more than the limit of ${most}`);
        };
        for (const [i, group] of metadata.row_groups.entries()) {
          if (skip >= Number(group.num_rows)) {
            skip -= Number(group.num_rows);
            continue;
          }
          const where = `row group ${i}`;
          const batches = groupRows(read, group, { schema, size, wanted, where, unpacked, limits });
          for (;;) {
            let batch: IteratorResult<Record<string, unknown>[]>;
            try {
              batch = await batches.next();
            } catch (error) {
              throw await unreadable(path, error, `row group ${i}`);
            }
            if (batch.done) break;
            const rows = batch.value.slice(skip);
            skip -= batch.value.length - rows.length;
            if (rows.length > 0) yield rows;
          }
        }
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw await unreadable(path, error);
  }
}
