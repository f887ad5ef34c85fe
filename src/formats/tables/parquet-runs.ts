/** Checks of run-length encoded data in Parquet pages, which a damaged or hostile file can make arbitrarily long. */

/** Bit-packed runs are padded to whole groups of 8 values; writers flush at most 64 groups at once. */
const PADDING = 512;

/** Encoded runs: bits per value, at least and at most this many values, and the bytes from `at` to `end`. */
interface Runs {
  width: number;
  least: number;
  most: number;
  at: number;
  end: number;
}

/**
 * Walks the headers of an RLE/bit-packed hybrid and throws where it holds fewer values than it must or a run that is
 * longer than what is left. hyparquet expands every run to its stated length, whatever the page holds.
 */
export function checkRuns(bytes: Uint8Array, { width, least, most, at, end }: Runs): void {
  let seen = 0;
  while (seen < most && at < end) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new Error("a run without its length");
      const byte = bytes[at++]!;
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const packed = header % 2 === 1;
    const values = Math.floor(header / 2) * (packed ? 8 : 1);
    if (values > most - seen + (packed ? PADDING : 0))
      throw new Error(`a run of ${values} values where ${most - seen} are left`);
    at += packed ? (values / 8) * width : Math.ceil(width / 8);
    seen += values;
  }
  if (seen < least) throw new Error(`runs of ${seen} values where ${least} are needed`);
}

/** What a page's header and its column say about the page's layout. */
interface PageLayout {
  version: 1 | 2;
  /** Values, nulls included. */
  values: number;
  /** How many of them are null; null where only the levels tell (version 1). */
  nulls: number | null;
  /** Bits per repetition and definition level; 0 where there are none. */
  repetition: number;
  definition: number;
  /** Bytes of both kinds of levels, which version 1 writes before each. */
  levelBytes: readonly [number, number];
  /** What the values are as runs: numbers of a dictionary's entries, booleans, or no runs. */
  encoded: "dictionary" | "booleans" | null;
}

/** Checks all runs of an uncompressed data page. Throws `Error` where they do not fit what the page's header states. */
export function checkPage(bytes: Uint8Array, layout: PageLayout): void {
  const { version, values, nulls, repetition, definition, levelBytes, encoded } = layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const [i, width] of [repetition, definition].entries()) {
    if (version === 1 && width === 0) continue;
    const from = version === 1 ? at + 4 : at;
    const end = from + (version === 1 ? view.getUint32(at, true) : levelBytes[i]!);
    if (end > bytes.length) throw new Error(`levels up to byte ${end} of a page of ${bytes.length}`);
    if (width > 0) checkRuns(bytes, { width, least: values, most: values, at: from, end });
    at = end;
  }
  const most = values - (nulls ?? 0);
  const least = nulls === null && definition > 0 ? 0 : most;
  if (most < 0) throw new Error(`${nulls} nulls among ${values} values`);
  if (encoded === null || at >= bytes.length) return;
  if (encoded === "booleans") {
    checkRuns(bytes, { width: 1, least, most, at: at + 4, end: bytes.length });
    return;
  }
  const width = bytes[at]!;
  if (width > 32) throw new Error(`dictionary indices of ${width} bits`);
  // Of width 0, where all values are the dictionary's first, writers may leave the runs out.
  checkRuns(bytes, { width, least: width === 0 ? 0 : least, most, at: at + 1, end: bytes.length });
}
