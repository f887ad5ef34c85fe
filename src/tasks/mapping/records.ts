import { stat } from "node:fs/promises";
import {
  arrowRows,
  checkJson,
  checkRows,
  type DataLimits,
  dataLimits,
  type Line,
  linesOf,
  listedJson,
  mistakenFile,
  openParquet,
  parseJson,
  tarSamples,
  textOf,
  unreadableFile,
  wholeText,
} from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { tableRecords } from "./columns.ts";
import { delimitedRecords } from "./delimited.ts";
import { kindOf } from "./files.ts";
import { select } from "./select.ts";

const attempt = "a Parquet, JSONL, JSON, CSV, TSV, Arrow or tar file, or a directory with some";

/** The records of a JSON text; `records` is the path of their list. */
function jsonRecords(text: string, records?: string): unknown[] {
  const parsed = parseJson(text);
  return records ? select(parsed, records) : tableRecords(parsed);
}

/** A text and its first character other than white space. Throws `Error` where too much white space comes before it. */
async function beginning(
  pieces: AsyncGenerator<string>,
  { line: most }: DataLimits,
): Promise<{ first: string; pieces: AsyncGenerator<string> }> {
  const known: string[] = [];
  let first = "";
  let length = 0;
  while (first === "") {
    const next = await pieces.next();
    if (next.done) break;
    known.push(next.value);
    length += next.value.length;
    first = next.value.trimStart().slice(0, 1);
    if (first === "" && length > most)
      throw new Error(`more than ${most} characters of white space before the first record`);
  }
  const all = async function* (): AsyncGenerator<string> {
    yield* known;
    yield* pieces;
  };
  return { first, pieces: all() };
}

/** The records of a JSON list, one by one. */
async function* listed(
  pieces: AsyncGenerator<string>,
  path: string,
  limits: DataLimits,
): AsyncGenerator<unknown> {
  for await (const { number, text } of fewLines(listedJson(pieces, limits), path, limits)) {
    try {
      yield parseJson(text);
    } catch (cause) {
      throw new Error(`record ${number}: ${(cause as Error).message}`, { cause });
    }
  }
}

/** The record of a line; a `LintelError` where it is none, so that the records around it count. */
function recordOf({ number, text }: Line, path: string, limits: DataLimits): unknown {
  try {
    checkJson(text, limits);
    return parseJson(text);
  } catch (cause) {
    return new LintelError("dataset", {
      where: `${path}:${number}`,
      expected: "a JSON record",
      got: (cause as Error).message,
      cause,
    });
  }
}

/** Lines of a text, as long as the file's size allows as many. */
async function* fewLines(lines: AsyncIterable<Line>, path: string, limits: DataLimits): AsyncGenerator<Line> {
  const { size } = await stat(path);
  for await (const line of lines) {
    checkRows(line.number, size, limits);
    yield line;
  }
}

/** The records of JSON Lines. A file that begins with "[" is a JSON list under the wrong ending and is read as one. */
async function* lines(path: string, limits: DataLimits, records?: string): AsyncGenerator<unknown> {
  const { first, pieces } = await beginning(textOf(path, limits), limits);
  if (first === "[" && records === undefined) {
    yield* listed(pieces, path, limits);
    return;
  }
  if (first === "[") {
    yield* jsonRecords(await wholeText(pieces, limits.document), records);
    return;
  }
  for await (const line of fewLines(linesOf(pieces, limits.line), path, limits))
    if (line.text.trim() !== "") yield recordOf(line, path, limits);
}

async function* parquetRows(path: string, limits: DataLimits): AsyncGenerator<unknown> {
  const source = await openParquet(path, limits);
  try {
    for await (const rows of source.read(source.columns)) yield* rows;
  } finally {
    await source.close();
  }
}

/** Records with the file's path in the error where reading ends early. */
async function* guarded(path: string, all: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const source = all[Symbol.asyncIterator]();
  try {
    for (;;) {
      let next: IteratorResult<unknown>;
      try {
        next = await source.next();
      } catch (cause) {
        throw await unreadableFile(path, { expected: "readable records", attempt }, cause);
      }
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}

/** The records of a JSON file: of a list one by one, of other documents read whole. */
async function* whole(path: string, limits: DataLimits, records?: string): AsyncGenerator<unknown> {
  const { first, pieces } = await beginning(textOf(path, limits), limits);
  if (first === "[" && records === undefined) yield* listed(pieces, path, limits);
  else yield* jsonRecords(await wholeText(pieces, limits.document), records);
}

/**
 * The records of a file one by one. JSON documents that are no lists are read whole, all else piece by piece. A record that
 * cannot be read while the ones after it can (a line of JSONL that is no JSON, a row of CSV with too many cells) comes as a
 * `LintelError` "dataset" in its place. Throws `LintelError` "dataset" for a file that cannot be read or is beyond the limits.
 *
 * @param records - Path of the list of records in a JSON file that is no list itself.
 */
export async function* recordsOf(
  path: string,
  records?: string,
  limits: DataLimits = dataLimits,
): AsyncGenerator<unknown> {
  const kind = kindOf(path) ?? "json";
  const open = {
    parquet: () => parquetRows(path, limits),
    arrow: () => arrowRows(path, limits),
    tar: () => tarSamples(path, limits),
    jsonl: () => lines(path, limits, records),
    csv: () => delimitedRecords(path, "csv", limits),
    tsv: () => delimitedRecords(path, "tsv", limits),
    json: () => whole(path, limits, records),
  }[kind];
  const mistaken = await mistakenFile(path);
  if (mistaken) throw new LintelError("dataset", { where: path, expected: "readable records", ...mistaken });
  yield* guarded(path, open());
}
