import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { ensure, LintelError } from "../util/index.ts";
import { openAtomic } from "./atomic.ts";

/** What a column holds. An "image" is the struct {bytes, path} by which Hugging Face `datasets` knows images. */
export type Kind = "string" | "int32" | "image" | { list: Kind };

/** Names and kinds of the columns of a Parquet file, in order. */
export type Columns = Record<string, Kind>;

/** A value of a column: images as their bytes, anything may be null. */
export type Cell = string | number | Uint8Array | null | Cell[];

export type Row = Record<string, Cell>;

/**
 * The Parquet schema of some columns. Everything is optional (nullable) and lists have three levels
 * (`list`, `element`), as Arrow writes them, so that readers in Python see exactly what `datasets` would
 * have written itself. hyparquet-writer encodes lists of structs and lists of lists when given this schema.
 */
function schemaOf(columns: Columns): SchemaElement[] {
  const element = (name: string, kind: Kind): SchemaElement[] => {
    const optional = { name, repetition_type: "OPTIONAL" } as const;
    const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
    if (kind === "string") return [{ ...optional, ...text }];
    if (kind === "int32") return [{ ...optional, type: "INT32" }];
    if (kind === "image") {
      return [
        { ...optional, num_children: 2 },
        { name: "bytes", repetition_type: "OPTIONAL", type: "BYTE_ARRAY" },
        { name: "path", repetition_type: "OPTIONAL", ...text },
      ];
    }
    return [
      { ...optional, num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...element("element", kind.list),
    ];
  };
  const fields = Object.entries(columns).map(([name, kind]) => element(name, kind));
  return [{ name: "schema", num_children: fields.length }, ...fields.flat()];
}

/** The features of the columns as `datasets` writes them; lists as JSON arrays, which all its versions read. */
function featuresOf(columns: Columns): Record<string, unknown> {
  const feature = (kind: Kind): unknown => {
    if (kind === "image") return { _type: "Image" };
    if (typeof kind === "string") return { dtype: kind, _type: "Value" };
    return [feature(kind.list)];
  };
  return Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, feature(kind)]));
}

const hasImages = (kind: Kind): boolean =>
  kind === "image" || (typeof kind === "object" && hasImages(kind.list));

/** Cells as the writer wants them: images become structs. Absent cells become null. */
function toStructs(kind: Kind, cell: Cell | undefined): unknown {
  if (cell === null || cell === undefined) return null;
  if (kind === "image") return { bytes: cell, path: null };
  if (typeof kind === "object") return (cell as Cell[]).map((each) => toStructs(kind.list, each));
  return cell;
}

/** A finished file. */
export interface WrittenFile {
  bytes: number;
  rows: number;
  /** SHA-256 of the file, hexadecimal. */
  sha256: string;
}

/** A Parquet file being written, one row group per `append`; only one group at a time is in memory. */
export interface ParquetSink {
  /** Bytes written so far. */
  readonly bytes: number;
  append(rows: readonly Row[]): Promise<void>;
  /** Completes the file and moves it into place, as `path` or as another name in the same directory. */
  commit(path?: string): Promise<WrittenFile>;
  /** Gives up: nothing remains. */
  abort(): Promise<void>;
}

/**
 * Opens a Parquet file for writing, atomically: it appears under its name only when complete. The key-value
 * metadata `huggingface` holds the features, so that `datasets.load_dataset` and the viewer of the Hub show images.
 * Images lie uncompressed (they are PNGs), all else with Snappy. Throws `LintelError` "output".
 *
 * @example
 * const { tmpdir } = await import("node:os");
 * const sink = await createParquet(`${tmpdir()}/lintel-example.parquet`, { id: "string", images: { list: "image" } });
 * await sink.append([{ id: "a", images: [new Uint8Array([137, 80])] }]);
 * await sink.commit();
 */
export async function createParquet(path: string, columns: Columns): Promise<ParquetSink> {
  const file = await openAtomic(path);
  const bytes = new ByteWriter(1 << 20);
  const hash = createHash("sha256");
  const flush = async (): Promise<void> => {
    const block = bytes.getBytes();
    hash.update(block);
    await file.write(block);
    bytes.index = 0;
  };
  const huggingface = JSON.stringify({ info: { features: featuresOf(columns) } });
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema: schemaOf(columns),
    kvMetadata: [{ key: "huggingface", value: huggingface }],
    createdBy: "lintel",
  });
  let rowCount = 0;
  return {
    get bytes() {
      return bytes.offset;
    },
    async append(rows) {
      if (rows.length === 0) return;
      const columnData = Object.entries(columns).map(([name, kind]) => ({
        name,
        data: rows.map((row) => toStructs(kind, row[name])),
        ...(hasImages(kind)
          ? ({ codec: "UNCOMPRESSED", encoding: "PLAIN", statistics: false } as const)
          : {}),
      }));
      await writer.write({ columnData, rowGroupSize: rows.length });
      rowCount += rows.length;
    },
    async commit(to) {
      await writer.finish();
      await file.commit(to);
      return { bytes: bytes.offset, rows: rowCount, sha256: hash.digest("hex") };
    },
    abort: file.abort,
  };
}

/** An open Parquet file. */
export interface ParquetSource {
  readonly rows: number;
  /** Names of the top-level columns. */
  readonly columns: string[];
  /** The rows, one row group at a time, in order; `close` is left to the caller. */
  read(columns: string[]): AsyncGenerator<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** A row group that unpacks to more than this is refused, lest a small file takes all memory. */
const largestGroup = 1 << 30;

function unreadable(path: string, cause: unknown): LintelError {
  if (cause instanceof LintelError) return cause;
  return new LintelError("dataset", {
    where: path,
    expected: "a readable Parquet file",
    got: (cause as Error).message,
    attempt: "writing or downloading the file again; it may be truncated",
    cause,
  });
}

function bufferOf(handle: FileHandle, size: number): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      if (!(start >= 0 && end >= start && end <= size))
        throw new Error(`bytes ${start} to ${end} of a file of ${size}`);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      if (bytesRead !== end - start) throw new Error(`${bytesRead} of ${end - start} bytes at ${start}`);
      return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead);
    },
  };
}

/** Checks what the footer claims against the file before any row is read. */
function checkGroups(metadata: FileMetaData, size: number): void {
  for (const [i, group] of metadata.row_groups.entries()) {
    let unpacked = 0;
    for (const { meta_data: chunk, file_path: elsewhere } of group.columns) {
      if (!chunk || elsewhere) throw new Error(`row group ${i} has columns in another file`);
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      const end = start + Number(chunk.total_compressed_size);
      if (!(start >= 4 && end >= start && end <= size))
        throw new Error(`row group ${i} lies outside of the file`);
      unpacked += Number(chunk.total_uncompressed_size);
    }
    if (unpacked > largestGroup)
      throw new Error(`row group ${i} of ${unpacked} bytes, more than ${largestGroup}`);
  }
}

/**
 * Opens a Parquet file for reading. Only the bytes asked for are read, one row group in memory at a time.
 * Strings come as strings, other byte arrays as `Uint8Array`, 64-bit integers as `bigint`, structs as objects.
 * Throws `LintelError` "dataset" with the file's path when it is missing, truncated or broken, or when a row
 * group would unpack to more than 1 GiB. Pages that were damaged without changing the file's length may be
 * decoded to wrong values or take hyparquet very long: where a checksum is known, compare it first.
 *
 * @example
 * const { tmpdir } = await import("node:os");
 * const path = `${tmpdir()}/lintel-example-2.parquet`;
 * const sink = await createParquet(path, { id: "string" });
 * await sink.append([{ id: "a" }]);
 * await sink.commit();
 * const source = await openParquet(path);
 * for await (const rows of source.read(["id"])) console.log(rows); // [{ id: "a" }]
 * await source.close();
 */
export async function openParquet(path: string): Promise<ParquetSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const { size } = await handle.stat();
    if (size < 12) throw new Error(`a file of ${size} bytes`);
    const file = bufferOf(handle, size);
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    checkGroups(metadata, size);
    const columns = parquetSchema(metadata).children.map((child) => child.element.name);
    return {
      rows: Number(metadata.num_rows),
      columns,
      async *read(wanted) {
        for (const name of wanted) {
          ensure(columns.includes(name), "dataset", () => ({
            where: path,
            expected: `a column ${JSON.stringify(name)}`,
            got: columns.join(", "),
          }));
        }
        let rowStart = 0;
        for (const group of metadata.row_groups) {
          const rowEnd = rowStart + Number(group.num_rows);
          let rows: Record<string, unknown>[];
          try {
            rows = await parquetReadObjects({
              file,
              metadata,
              columns: wanted,
              rowStart,
              rowEnd,
              utf8: false,
              geoparquet: false,
              compressors: {
                GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
                BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
              },
            });
          } catch (error) {
            throw unreadable(path, error);
          }
          rowStart = rowEnd;
          yield rows;
        }
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw unreadable(path, error);
  }
}
