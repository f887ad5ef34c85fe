import {
  arrowRows,
  linesOf,
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

/** A JSON file is read whole, and a text cannot be longer than 2²⁹ characters. */
const largestJson = 1 << 29;

const attempt = "a Parquet, JSONL, JSON, CSV, TSV, Arrow or tar file, or a directory with some";

/** The records of a JSON text; `records` is the path of their list. */
function jsonRecords(text: string, records?: string): unknown[] {
  const parsed = parseJson(text);
  return records ? select(parsed, records) : tableRecords(parsed);
}

/**
 * The records of JSON Lines. A line that is no JSON becomes a `LintelError`, so that the records around it count. A file
 * that begins with "[" is a JSON list under the wrong ending and is read as one.
 */
async function* lines(path: string, records?: string): AsyncGenerator<unknown> {
  let first = true;
  for await (const { number, text } of linesOf(textOf(path))) {
    if (text.trim() === "") continue;
    if (first && text.trimStart().startsWith("[")) {
      yield* jsonRecords(await wholeText(path, largestJson), records);
      return;
    }
    first = false;
    let record: unknown;
    try {
      record = parseJson(text);
    } catch (cause) {
      record = new LintelError("dataset", {
        where: `${path}:${number}`,
        expected: "a JSON record",
        got: (cause as Error).message,
        cause,
      });
    }
    yield record;
  }
}

async function* parquetRows(path: string): AsyncGenerator<unknown> {
  const source = await openParquet(path);
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

async function* whole(path: string, records?: string): AsyncGenerator<unknown> {
  yield* jsonRecords(await wholeText(path, largestJson), records);
}

/**
 * The records of a file one by one. JSON files are read whole, others piece by piece. A record that cannot be read while the
 * ones after it can (a line of JSONL that is no JSON, a row of CSV with too many cells) comes as a `LintelError` "dataset"
 * in its place. Throws `LintelError` "dataset" for a file that cannot be read.
 *
 * @param records - Path of the list of records in a JSON file that is no list itself.
 */
export async function* recordsOf(path: string, records?: string): AsyncGenerator<unknown> {
  const kind = kindOf(path) ?? "json";
  const open = {
    parquet: () => parquetRows(path),
    arrow: () => arrowRows(path),
    tar: () => tarSamples(path),
    jsonl: () => lines(path, records),
    csv: () => delimitedRecords(path, "csv"),
    tsv: () => delimitedRecords(path, "tsv"),
    json: () => whole(path, records),
  }[kind];
  const mistaken = await mistakenFile(path);
  if (mistaken) throw new LintelError("dataset", { where: path, expected: "readable records", ...mistaken });
  yield* guarded(path, open());
}
