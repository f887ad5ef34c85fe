/** Decompression of Parquet pages, for every codec that pyarrow, pandas, polars, DuckDB and Spark write. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { decompress as unzstd } from "fzstd";
import type { Compressors } from "hyparquet";
import { decompressLz4, decompressLz4Raw } from "hyparquet-compressors";

type Decompress = (input: Uint8Array, length: number) => Uint8Array;

/** A page of no values is stored as zero bytes or as an empty stream, and zlib refuses a `maxOutputLength` of 0. */
const orEmpty =
  (decompress: Decompress): Decompress =>
  (input, length) =>
    length === 0 ? new Uint8Array(0) : decompress(input, length);

/**
 * Decompressors by the codec's name in Parquet. Each gets the uncompressed length that the page's header states and
 * allocates no more than that. SNAPPY and UNCOMPRESSED are built into hyparquet; LZO is not supported.
 *
 * @example
 * pageCodecs.GZIP(new Uint8Array(0), 0).length; // 0
 */
export const pageCodecs = {
  GZIP: orEmpty((input, maxOutputLength) => gunzipSync(input, { maxOutputLength })),
  BROTLI: orEmpty((input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength })),
  ZSTD: orEmpty((input, length) => unzstd(input, new Uint8Array(length))),
  LZ4: orEmpty(decompressLz4),
  LZ4_RAW: orEmpty(decompressLz4Raw),
} as const satisfies Compressors;
