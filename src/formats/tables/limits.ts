/** What data from strangers may take: a file beyond these is refused, with the limit in the error (docs/security.md). */
export interface DataLimits {
  /** Characters of a line, of a row of a table, of a record in a JSON list. */
  line: number;
  /** Characters of a JSON document that is no list, and of a mapping: they are read whole. */
  document: number;
  /** Columns of a table, fields of a record. */
  fields: number;
  /** Values within a record of JSON, those of lists and objects counted. */
  values: number;
  /** Lists within lists of a record. */
  depth: number;
  /** Bytes of a page of Parquet and of a file within an archive, unpacked. */
  page: number;
  /** Bytes of all pages of Parquet that are in memory together, and of a sample of an archive. */
  held: number;
  /** Bytes that a file may unpack to: this many, and `ratio` for each of its own. */
  unpacked: number;
  ratio: number;
  /** Rows of a table, lines of a text: this many, and `rowsPerByte` for each byte of the file. */
  rows: number;
  rowsPerByte: number;
}

export const dataLimits: Readonly<DataLimits> = {
  line: 1 << 26,
  document: 1 << 27,
  fields: 10_000,
  values: 100_000,
  depth: 64,
  page: 1 << 27,
  held: 1 << 29,
  unpacked: 1 << 30,
  ratio: 200,
  rows: 1_000_000,
  rowsPerByte: 2,
};

/**
 * Bytes that a file of `size` bytes may unpack to.
 *
 * @example
 * unpackedLimit(1000, dataLimits) === 2 ** 30 + 200_000; // true
 */
export const unpackedLimit = (size: number, { unpacked, ratio }: DataLimits): number =>
  unpacked + ratio * size;

/** Throws `Error` where a file of `size` bytes states, or has come to, more rows than are believed. */
export function checkRows(rows: number, size: number, { rows: most, rowsPerByte }: DataLimits): void {
  const limit = most + rowsPerByte * size;
  if (rows > limit)
    throw new Error(`${rows} rows in a file of ${size} bytes, more than the limit of ${limit}`);
}

/** Throws `Error` where a table has more columns than are read. */
export function checkFields(fields: number, { fields: most }: DataLimits): void {
  if (fields > most) throw new Error(`${fields} columns, more than the limit of ${most}`);
}
