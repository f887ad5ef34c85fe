import { createHash } from "node:crypto";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { openAtomic } from "../files/atomic.ts";

/** What a column holds. An "image" is the struct {bytes, path} by which Hugging Face `datasets` knows images. */
export type ColumnKind = "string" | "int32" | "float32" | "float64" | "bool" | "image" | { list: ColumnKind };

/** Names and kinds of the columns of a Parquet file, in order. */
export type Columns = Record<string, ColumnKind>;

/** A value of a column: images as their bytes, anything may be null. */
export type ColumnValue = string | number | boolean | Uint8Array | null | ColumnValue[];

export type Row = Record<string, ColumnValue>;

/** Kinds that are one type of Parquet without an annotation. */
const PLAIN = { int32: "INT32", float32: "FLOAT", float64: "DOUBLE", bool: "BOOLEAN" } as const;

/**
 * The Parquet schema of some columns. Everything is optional (nullable) and lists have three levels
 * (`list`, `element`), as Arrow writes them, so that readers in Python see exactly what `datasets` would
 * have written itself. hyparquet-writer encodes lists of structs and lists of lists when given this schema.
 */
function schemaOf(columns: Columns): SchemaElement[] {
  const element = (name: string, kind: ColumnKind): SchemaElement[] => {
    const optional = { name, repetition_type: "OPTIONAL" } as const;
    const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
    if (kind === "string") return [{ ...optional, ...text }];
    if (kind === "image") {
      return [
        { ...optional, num_children: 2 },
        { name: "bytes", repetition_type: "OPTIONAL", type: "BYTE_ARRAY" },
        { name: "path", repetition_type: "OPTIONAL", ...text },
      ];
    }
    if (typeof kind === "string") return [{ ...optional, type: PLAIN[kind] }];
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
  const feature = (kind: ColumnKind): unknown => {
    if (kind === "image") return { _type: "Image" };
    if (typeof kind === "string") return { dtype: kind, _type: "Value" };
    return [feature(kind.list)];
  };
  return Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, feature(kind)]));
}

const hasImages = (kind: ColumnKind): boolean =>
  kind === "image" || (typeof kind === "object" && hasImages(kind.list));

/** Cells as the writer wants them: images become structs. Absent cells become null. */
function toStructs(kind: ColumnKind, cell: ColumnValue | undefined): unknown {
  if (cell === null || cell === undefined) return null;
  if (kind === "image") return { bytes: cell, path: null };
  if (typeof kind === "object") return (cell as ColumnValue[]).map((each) => toStructs(kind.list, each));
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
 * Images are uncompressed (they are PNGs), all else with Snappy. Throws `LintelError` "output".
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
