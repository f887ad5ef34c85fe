/** One column chunk of a Parquet file, decoded page by page. */
import { crc32 } from "node:zlib";
import type { ColumnMetaData, DecodedArray, PageHeader, SchemaTree } from "hyparquet";
import { assembleLists } from "hyparquet/src/assemble.js";
import { parquetHeader } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { DataLimits } from "./limits.ts";
import { pageCodecs } from "./parquet-codecs.ts";
import { checkPage } from "./parquet-runs.ts";

/** Values of one page; writers keep to a megabyte of encoded values, which holds more only of one value repeated. */
const MOST_VALUES = 1 << 23;
const FIRST_HEADER = 1 << 12;
const LARGEST_HEADER = 1 << 24;

/** Reads bytes of the file; throws where it has fewer. */
export type ReadBytes = (start: number, length: number) => Promise<Uint8Array>;

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const parsers: typeof DEFAULT_PARSERS = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes) => (bytes === undefined || bytes === null ? bytes : text.decode(bytes)),
};

/** A leaf column within one row group. */
interface Chunk {
  meta: ColumnMetaData;
  /** The schema from its root to the leaf. */
  path: SchemaTree[];
  start: number;
  end: number;
  /** Counts bytes that values are unpacked to, and throws beyond the file's limit. */
  unpacked: (bytes: number) => void;
  limits: DataLimits;
}

/** Rows of a leaf column, decoded as far as requested. */
export interface ChunkRows {
  /** How many rows are whole; of lists the last one may go on in the next page. */
  ready(): number;
  /** Decodes the next page; false at the end. */
  more(): Promise<boolean>;
  /** Takes the first rows. */
  take(count: number): unknown[];
  /** Bytes of the page and the dictionary in memory. */
  held(): number;
}

const bits = (level: number): number => 32 - Math.clz32(level);

/** The header at `at`, and where the page's bytes begin. */
async function headerAt(
  read: ReadBytes,
  at: number,
  end: number,
): Promise<{ header: PageHeader; body: number }> {
  for (let size = FIRST_HEADER; ; size *= 16) {
    const length = Math.min(size, end - at);
    const bytes = await read(at, length);
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    try {
      const header = parquetHeader(reader);
      return { header, body: at + reader.offset };
    } catch (error) {
      // Statistics can make a header long: with all of its bytes it must be readable.
      if (length === end - at || size >= LARGEST_HEADER) throw error;
    }
  }
}

function checkHeader(
  { type, compressed_page_size: packed, uncompressed_page_size: size }: PageHeader,
  left: number,
  { page: most }: DataLimits,
): void {
  if (!(packed >= 0 && packed <= left)) throw new Error(`a page of ${packed} bytes where ${left} are left`);
  if (!(size >= 0 && size <= most))
    throw new Error(`a page that unpacks to ${size} bytes, more than the limit of ${most}`);
  if (type === undefined) throw new Error("a page of an unknown type");
}

/** The bytes in a buffer of their own, so that a length that is too large cannot reach others. */
const alone = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();

function checkIndices(indices: DecodedArray, dictionary: DecodedArray): void {
  for (const index of indices as ArrayLike<number>[number][]) {
    if (index === undefined || index >= dictionary.length)
      throw new Error(`entry ${index} of a dictionary of ${dictionary.length}`);
  }
}

/** Bytes of texts and bytes; of a dictionary's entry wherever it is referred to. */
function sizeOf(values: DecodedArray): number {
  if (!Array.isArray(values)) return values.byteLength;
  let bytes = 0;
  for (const value of values as unknown[])
    bytes += typeof value === "string" || value instanceof Uint8Array ? value.length : 8;
  return bytes;
}

/**
 * Opens a leaf column of a row group for reading from its start. Pages are read and decoded one at a time, when `more` is
 * called. Throws `Error` for what does not fit: page sizes, checksums, run lengths, dictionary entries.
 */
export function openChunk(read: ReadBytes, { meta, path, start, end, unpacked, limits }: Chunk): ChunkRows {
  const element = path.at(-1)!.element;
  const levels = { repetition: getMaxRepetitionLevel(path), definition: getMaxDefinitionLevel(path) };
  const decoder = {
    ...meta,
    pathInSchema: meta.path_in_schema,
    element,
    schemaPath: path,
    utf8: false,
    parsers,
    compressors: pageCodecs,
  };
  let at = start;
  let dictionary: DecodedArray | undefined;
  let rows: unknown[] = [];
  let bytesOfDictionary = 0;
  let bytesOfPage = 0;

  const unpack = (bytes: Uint8Array, size: number): Uint8Array =>
    alone(decompressPage(bytes, size, meta.codec, pageCodecs));

  const layoutOf = (version: 1 | 2, values: number, nulls: number | null, encoding: string) => {
    if (!(values >= 0 && values <= MOST_VALUES))
      throw new Error(`a page of ${values} values, more than ${MOST_VALUES}`);
    const indexed = encoding === "RLE_DICTIONARY" || encoding === "PLAIN_DICTIONARY";
    if (indexed && !dictionary) throw new Error("indices without a dictionary");
    const encoded = indexed ? "dictionary" : encoding === "RLE" ? "booleans" : null;
    const { repetition, definition } = levels;
    return {
      version,
      values,
      nulls,
      encoded,
      repetition: bits(repetition),
      definition: bits(definition),
    } as const;
  };

  const dataPage = (bytes: Uint8Array, header: PageHeader) => {
    const { data_page_header: v1, data_page_header_v2: v2, uncompressed_page_size: size } = header;
    if (header.type === "DATA_PAGE" && v1) {
      const layout = layoutOf(1, v1.num_values, null, v1.encoding);
      for (const [used, encoding] of [
        [levels.repetition, v1.repetition_level_encoding],
        [levels.definition, v1.definition_level_encoding],
      ] as const) {
        if (used > 0 && encoding !== "RLE") throw new Error(`levels encoded as ${encoding}`);
      }
      const page = unpack(bytes, size);
      checkPage(page, { ...layout, levelBytes: [0, 0] });
      return { ...readDataPage(page, v1, decoder), encoding: v1.encoding };
    }
    if (header.type === "DATA_PAGE_V2" && v2) {
      const layout = layoutOf(2, v2.num_values, v2.num_nulls, v2.encoding);
      const levelBytes = [v2.repetition_levels_byte_length, v2.definition_levels_byte_length] as const;
      const before = levelBytes[0] + levelBytes[1];
      if (!(levelBytes[0] >= 0 && levelBytes[1] >= 0 && before <= bytes.length && before <= size))
        throw new Error(`levels of ${before} bytes in a page of ${bytes.length}`);
      const values = bytes.subarray(before);
      const plain = v2.is_compressed === false ? values : unpack(values, size - before);
      const page = alone(Buffer.concat([bytes.subarray(0, before), plain]));
      checkPage(page, { ...layout, levelBytes });
      const unpacked = { ...header, data_page_header_v2: { ...v2, is_compressed: false } };
      return { ...readDataPageV2(page, unpacked, decoder), encoding: v2.encoding };
    }
    throw new Error(`a page of type ${header.type} without its header`);
  };

  const dictionaryPage = (bytes: Uint8Array, header: PageHeader): void => {
    const count = header.dictionary_page_header?.num_values ?? -1;
    const page = unpack(bytes, header.uncompressed_page_size);
    if (!(count >= 0 && count <= Math.max(page.length * 8, 1)))
      throw new Error(`a dictionary of ${count} entries`);
    const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
    dictionary = convert(readPlain(reader, meta.type, count, element.type_length), decoder);
  };

  return {
    ready: () => (levels.repetition > 0 && at < end ? Math.max(0, rows.length - 1) : rows.length),
    async more() {
      if (at >= end) return false;
      const { header, body } = await headerAt(read, at, end);
      const { compressed_page_size: length, crc, type } = header;
      checkHeader(header, end - body, limits);
      if (type === "DICTIONARY_PAGE") bytesOfDictionary = header.uncompressed_page_size;
      else bytesOfPage = header.uncompressed_page_size;
      const bytes = await read(body, length);
      if (crc !== undefined && crc >>> 0 !== crc32(bytes))
        throw new Error(`a page at byte ${at} that does not match its checksum`);
      at = body + length;
      if (type === "DICTIONARY_PAGE") dictionaryPage(bytes, header);
      if (type !== "DATA_PAGE" && type !== "DATA_PAGE_V2") return true;
      const { definitionLevels, repetitionLevels, dataPage: raw, encoding } = dataPage(bytes, header);
      if (dictionary && encoding.endsWith("_DICTIONARY")) checkIndices(raw, dictionary);
      if (raw.length === 0 && !definitionLevels?.length) return true;
      const values = convertWithDictionary(raw, dictionary, encoding, decoder);
      unpacked(sizeOf(values));
      const found = assembleLists(rows, definitionLevels, repetitionLevels, values, path);
      if (found !== rows) for (const value of found) rows.push(value);
      return true;
    },
    held: () => bytesOfDictionary + bytesOfPage,
    take(count) {
      const taken = rows.slice(0, count);
      rows = rows.slice(count);
      return taken;
    },
  };
}
