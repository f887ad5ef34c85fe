/** Excel tables: the first sheet, whose first row has the names of the columns. */
import { readSheet } from "read-excel-file/node";
import { LintelError } from "../../../util/index.ts";

/**
 * The rows of the first sheet of an XLSX file.
 *
 * Errors: "input" where the file cannot be read or is none.
 */
export async function sheetRecords(path: string): Promise<Record<string, unknown>[]> {
  let cells: unknown[][];
  try {
    cells = await readSheet(path);
  } catch (cause) {
    throw new LintelError("input", {
      where: path,
      expected: "an XLSX file",
      got: (cause as Error).message,
      attempt: "the same table as .tsv",
      cause,
    });
  }
  const [header = [], ...rows] = cells;
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [String(name), row[i] ?? null])));
}
