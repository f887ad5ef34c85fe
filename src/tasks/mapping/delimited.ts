/** Tables as text with a header line: CSV (RFC 4180) and the TSV files of VLMEvalKit, read piece by piece. */
import { stat } from "node:fs/promises";
import { checkRows, type DataLimits, dataLimits, textOf } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** What is between the cells of a row. */
type Separator = "," | "\t" | ";";

/** A cell that ends within `text`: its value, where the next begins, and whether it is the row's last. */
interface DelimitedCell {
  value: string;
  next: number;
  last: boolean;
}

const unclosed = (text: string, at: number): Error =>
  new Error(`a quote that does not close, near ${JSON.stringify(text.slice(at, at + 20))}`);

/**
 * The cell at `at`; where it does not end within `text`, how far its end was looked for. `lineEnd`: the next "\n" from `at`
 * on, or -1; `known`: no quote before it closes a cell in quotes.
 */
function cellAt(
  text: string,
  at: number,
  separator: string,
  { lineEnd, known }: { lineEnd: number; known: number },
): DelimitedCell | number {
  if (text[at] !== '"') {
    const comma = text.indexOf(separator, at);
    const last = comma < 0 || (lineEnd >= 0 && lineEnd < comma);
    const end = last ? lineEnd : comma;
    if (end < 0) return at;
    const value = text.slice(at, last && text[end - 1] === "\r" ? end - 1 : end);
    return { value, next: end + 1, last };
  }
  let close = text.indexOf('"', Math.max(at + 1, known));
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  // The character behind the quote must be known: it may be the other half of a doubled one.
  const end = text[close + 1] === "\r" ? close + 2 : close + 1;
  if (close < 0) return text.length;
  if (end >= text.length) return close;
  if (text[end] !== separator && text[end] !== "\n") throw unclosed(text, at);
  const value = text.slice(at + 1, close).replaceAll('""', '"');
  return { value, next: end + 1, last: text[end] === "\n" };
}

/**
 * Rows of a table as they come, cells as texts. A cell in quotes may hold separators, line ends and doubled quotes, as
 * pandas reads and writes them. Text comes in pieces, so that tables larger than a string can be are read as well.
 *
 * Throws `Error` for a quote that does not close and for rows beyond the limits (64 Mi characters, 10,000 cells).
 */
export async function* rowsOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  separator: Separator,
  { line: longest, fields: mostCells }: DataLimits = dataLimits,
): AsyncGenerator<string[]> {
  const ends = new RegExp(`["${separator}\\n]`);
  let rest = "";
  let row: string[] = [];
  let number = 1;
  /** Characters of the row's cells, without the one that has not ended. */
  let length = 0;
  let known = 0;
  const whole = function* (): Generator<string[]> {
    let at = 0;
    let lineEnd = -1;
    for (;;) {
      if (lineEnd < at) lineEnd = rest.indexOf("\n", at);
      const cell = cellAt(rest, at, separator, { lineEnd, known });
      if (typeof cell === "number") {
        known = cell - at;
        break;
      }
      known = 0;
      row.push(cell.value);
      if (row.length > mostCells) throw new Error(`row ${number} has more than ${mostCells} cells`);
      length += cell.value.length;
      at = cell.next;
      if (!cell.last) continue;
      yield row;
      [row, length] = [[], 0];
      number++;
    }
    rest = rest.slice(at);
  };
  for await (const piece of pieces) {
    const quiet = rest !== "" && !ends.test(piece);
    rest += piece;
    // A cell that neither began nor ended here goes on: looking for its end from its start again would be slow.
    if (!quiet) yield* whole();
    if (length + rest.length > longest)
      throw new Error(`row ${number} has more than ${longest} characters (${unclosed(rest, 0).message}?)`);
  }
  if (rest === "" && row.length === 0) return;
  rest += "\n";
  yield* whole();
  if (rest !== "") throw unclosed(rest, 0);
}

/** Characters of the line with the names of columns. */
const longestHeader = 1 << 22;

/** Text up to its first line end that is not within quotes; all of it where there is none. */
function headerLine(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted;
    else if (!quoted && (text[i] === "\n" || text[i] === "\r")) return text.slice(0, i);
  }
  return text;
}

const countOf = (line: string, separator: string): number =>
  line.replace(/"[^"]*"/g, "").split(separator).length;

/**
 * The separator of a table by its header: a tab in TSV; in CSV whichever of comma, semicolon (Excel, where the comma is the
 * decimal mark) and tab makes the most columns, the comma where two make as many.
 */
function separatorOf(kind: "csv" | "tsv", header: string): Separator {
  if (kind === "tsv") return "\t";
  const counts = ([",", ";", "\t"] as const).map((each) => ({ each, count: countOf(header, each) }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).each;
}

/** The pieces of a table after the header is known: how cells are separated, and lone "\r" as "\n" where these end lines. */
async function layoutOf(kind: "csv" | "tsv", pieces: AsyncGenerator<string>, longest: number) {
  let head = "";
  let line = "";
  for (;;) {
    const next = await pieces.next();
    head += next.done ? "" : next.value;
    line = headerLine(head);
    if (next.done || line.length + 1 < head.length) break;
    const most = Math.min(longest, longestHeader);
    if (head.length > most) throw new Error(`a header of more than ${most} characters`);
  }
  // Excel's own line for programs that read the file: "sep=;".
  const told = /^sep=([,;\t])$/.exec(line)?.[1] as Separator | undefined;
  const lone = head[line.length] === "\r" && head[line.length + 1] !== "\n";
  const skipped = told ? line.length + (head[line.length] === "\r" && !lone ? 2 : 1) : 0;
  const ended = (text: string): string => (lone ? text.replaceAll("\r", "\n") : text);
  const all = async function* (): AsyncGenerator<string> {
    yield ended(head.slice(skipped));
    for await (const piece of pieces) yield ended(piece);
  };
  return { separator: told ?? separatorOf(kind, line), pieces: all() };
}

/** Names of columns; of equal ones the second is "NAME.1", the third "NAME.2", as pandas has it. */
function namesOf(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell) => {
    const name = cell.trim();
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}.${before}`;
  });
}

/**
 * The records of a table with a header line; empty lines are none. A row with more cells than the header comes as a
 * `LintelError`: a separator within a cell that is not in quotes would shift all cells behind it.
 */
export async function* delimitedRecords(
  path: string,
  kind: "csv" | "tsv",
  limits: DataLimits = dataLimits,
): AsyncGenerator<Record<string, string> | LintelError> {
  const { separator, pieces } = await layoutOf(kind, textOf(path, limits), limits.line);
  let header: string[] | null = null;
  let number = 0;
  const { size } = await stat(path);
  for await (const row of rowsOf(pieces, separator, limits)) {
    checkRows(++number, size, limits);
    if (!header) {
      header = namesOf(row);
      continue;
    }
    if (row.length <= 1 && !row[0]) continue;
    const names = header;
    if (row.slice(names.length).some((cell) => cell !== "")) {
      yield new LintelError("dataset", {
        where: `${path}, row ${number}`,
        expected: `${names.length} cells, as in the header`,
        got: `${row.length}`,
        attempt: `quotes around cells that hold ${JSON.stringify(separator)}`,
      });
    } else yield Object.fromEntries(names.map((name, i) => [name, row[i] ?? ""]));
  }
}
