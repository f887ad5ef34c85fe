/** Files of outcomes that other programs made. A new format is a file and one line here; the first that fits reads a file. */
import { type Line, linesOf, textOf, unreadableFile } from "../../../formats/index.ts";
import { recordsOf } from "../../../tasks/index.ts";
import { checkSchemaVersion, LintelError } from "../../../util/index.ts";
import type { LocatedRow } from "../row.ts";
import type { FormatOptions, LocatedRecord, OutcomeFormat } from "./format.ts";
import { lmEval } from "./lm-eval.ts";
import { rows } from "./rows.ts";
import { sheetRecords } from "./sheet.ts";
import { vlmevalkit } from "./vlmevalkit.ts";

export const outcomeFormats = {
  "lm-eval": lmEval,
  vlmevalkit,
  rows,
} as const satisfies Record<string, OutcomeFormat>;

/** A record of a line; the header of a file is checked and passed over. */
function parsed({ number, text }: Line, path: string): LocatedRecord | null {
  const where = `${path}:${number}`;
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new LintelError("input", {
      where,
      expected: "one JSON record per line (NaN and Infinity are not JSON: write null)",
      got: (cause as Error).message,
      cause,
    });
  }
  if (typeof record !== "object" || record === null || Array.isArray(record))
    throw new LintelError("input", { where, expected: "a JSON object", got: text.slice(0, 60) });
  checkSchemaVersion(record, where);
  const fields = record as Record<string, unknown>;
  return Object.keys(fields).every((key) => key === "schemaVersion") ? null : { record: fields, where };
}

/** Cells of a table as values: numbers, booleans and lists in them are read; empty cells are left out. */
function fromCells(record: Record<string, unknown>): Record<string, unknown> {
  const words = new Set(["example", "intervention", "text", "question", "prediction", "group"]);
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, cell]) => {
      if (cell === null || cell === undefined || cell === "") return [];
      if (typeof cell !== "string" || words.has(key)) return [[key, cell]];
      try {
        return [[key, JSON.parse(/^(?:True|False)$/.test(cell) ? cell.toLowerCase() : cell)]];
      } catch {
        // No JSON: a text.
        return [[key, cell]];
      }
    }),
  );
}

async function recordsIn(path: string): Promise<LocatedRecord[]> {
  const records: LocatedRecord[] = [];
  if (/\.xlsx$/i.test(path)) {
    for (const [i, record] of (await sheetRecords(path)).entries())
      records.push({ record: fromCells(record), where: `${path}, row ${i + 2}` });
    return records;
  }
  if (/\.(?:jsonl|ndjson)(?:\.gz|\.zst)?$/i.test(path)) {
    try {
      for await (const line of linesOf(textOf(path))) {
        if (line.text.trim() === "") continue;
        const record = parsed(line, path);
        if (record) records.push(record);
      }
    } catch (cause) {
      throw await unreadableFile(
        path,
        { expected: "readable JSON Lines", attempt: "the file as it was written" },
        cause,
      );
    }
    return records;
  }
  let number = 0;
  for await (const record of recordsOf(path)) {
    const where = `${path}, row ${++number}`;
    if (record instanceof LintelError) throw record;
    checkSchemaVersion(record, where);
    const fields = record as Record<string, unknown>;
    records.push({ record: /\.[ct]sv/i.test(path) ? fromCells(fields) : dropNull(fields), where });
  }
  return records;
}

/** Parquet has every column in every row: null is "absent", except where null says something. */
const dropNull = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([key, value]) => value !== null || (key === "choice" && record.correct === null))
      .map(([key, value]) => [key, typeof value === "bigint" ? Number(value) : value]),
  );

/**
 * The rows of a file, in whichever of the formats it is.
 *
 * Errors: "dataset" or "input" where it cannot be read or a record of it is broken, naming file and line.
 */
export async function readRows(path: string, options: FormatOptions): Promise<LocatedRow[]> {
  const records = await recordsIn(path);
  const [first] = records;
  if (!first)
    throw new LintelError("input", { where: path, expected: "rows of outcomes", got: "an empty file" });
  const format = Object.values(outcomeFormats).find((each) => each.fits(first.record))!;
  return format.rows(records, path, options);
}
