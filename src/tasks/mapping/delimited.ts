/** Tables as text with a header line: CSV (RFC 4180) and the TSV files of VLMEvalKit, read piece by piece. */
import { createReadStream } from "node:fs";

/** Characters that one row may have: a base64 image of 100 MB, and a table that lacks a closing quote is noticed. */
const longestRow = 1 << 27;

/** A cell that ends within `text`: its value, where the next begins, and whether it is the row's last. */
interface Cell {
  value: string;
  next: number;
  last: boolean;
}

const unclosed = (text: string, at: number): Error =>
  new Error(`a quote that does not close, near ${JSON.stringify(text.slice(at, at + 20))}`);

/** The cell at `at`; null where it does not end within `text`. `lineEnd`: the next "\n" from `at` on, or -1. */
function cellAt(text: string, at: number, separator: string, lineEnd: number): Cell | null {
  if (text[at] !== '"') {
    const comma = text.indexOf(separator, at);
    const last = comma < 0 || (lineEnd >= 0 && lineEnd < comma);
    const end = last ? lineEnd : comma;
    if (end < 0) return null;
    const value = text.slice(at, last && text[end - 1] === "\r" ? end - 1 : end);
    return { value, next: end + 1, last };
  }
  let close = text.indexOf('"', at + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  // The character behind the quote must be known: it may be the other half of a doubled one.
  const end = text[close + 1] === "\r" ? close + 2 : close + 1;
  if (close < 0 || end >= text.length) return null;
  if (text[end] !== separator && text[end] !== "\n") throw unclosed(text, at);
  const value = text.slice(at + 1, close).replaceAll('""', '"');
  return { value, next: end + 1, last: text[end] === "\n" };
}

/**
 * Rows of a table as they come, cells as texts. A cell in quotes may hold separators, line ends and doubled quotes, as
 * pandas reads and writes them. Text comes in pieces, so that tables larger than a string can be are read as well.
 *
 * Throws `Error` for a quote that does not close and for rows beyond 128 Mi characters.
 *
 * @example
 * for await (const row of rowsOf(['a\t"x\n', 'y"\n1\t2'], "\t")) console.log(row); // ["a", "x\ny"], ["1", "2"]
 */
export async function* rowsOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  separator: "," | "\t",
): AsyncGenerator<string[]> {
  const ends = separator === "\t" ? /["\t\n]/ : /[",\n]/;
  let rest = "";
  let row: string[] = [];
  const whole = function* (): Generator<string[]> {
    let at = 0;
    let lineEnd = -1;
    for (;;) {
      if (lineEnd < at) lineEnd = rest.indexOf("\n", at);
      const cell = cellAt(rest, at, separator, lineEnd);
      if (!cell) break;
      row.push(cell.value);
      at = cell.next;
      if (!cell.last) continue;
      yield row;
      row = [];
    }
    rest = rest.slice(at);
  };
  for await (const piece of pieces) {
    const quiet = rest !== "" && !ends.test(piece);
    rest += piece;
    if (rest.length > longestRow) throw unclosed(rest, 0);
    // A cell that neither began nor ended here goes on: looking for its end from its start again would be slow.
    if (!quiet) yield* whole();
  }
  if (rest === "" && row.length === 0) return;
  rest += "\n";
  yield* whole();
  if (rest !== "") throw unclosed(rest, 0);
}

/**
 * The records of a file with a header line; empty lines are none.
 *
 * @example
 * const { writeFileSync } = await import("node:fs");
 * writeFileSync("/tmp/lintel-example.tsv", "index\tA\n0\tred\n");
 * for await (const record of delimitedRecords("/tmp/lintel-example.tsv", "\t")) console.log(record.A); // "red"
 */
export async function* delimitedRecords(
  path: string,
  separator: "," | "\t",
): AsyncGenerator<Record<string, string>> {
  let header: string[] | null = null;
  const pieces = createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 });
  for await (const row of rowsOf(pieces, separator)) {
    if (!header) header = row.map((name, i) => (i === 0 ? name.replace(/^\ufeff/, "") : name).trim());
    else if (row.length > 1 || row[0]) {
      yield Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""]));
    }
  }
}
