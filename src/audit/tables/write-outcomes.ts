/** Writes selected outcomes as CSV, JSON Lines or Parquet, row by row. */
import { createParquet, csvLine, openAtomic } from "../../formats/index.ts";
import { type FoundExample, type OutcomeRow, outcomeColumns, outcomeRows } from "./outcome-rows.ts";

/** Formats of the table. */
export const tableFormats = ["csv", "jsonl", "parquet"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** Rows of one row group of Parquet, and of one block of text. */
const BLOCK = 10_000;

/** Rows in blocks. */
async function* blocksOf(
  examples: AsyncIterable<FoundExample>,
  names: readonly string[] | undefined,
): AsyncGenerator<OutcomeRow[]> {
  let block: OutcomeRow[] = [];
  for await (const example of examples) {
    block.push(...outcomeRows(example, names));
    if (block.length < BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** The table as text, block by block; CSV with a header. */
async function* textOfRows(
  format: "csv" | "jsonl",
  blocks: AsyncIterable<OutcomeRow[]>,
): AsyncGenerator<string> {
  const names = Object.keys(outcomeColumns) as (keyof OutcomeRow)[];
  if (format === "csv") yield csvLine(names);
  for await (const block of blocks)
    yield block
      .map((row) => (format === "csv" ? csvLine(names.map((name) => row[name])) : `${JSON.stringify(row)}\n`))
      .join("");
}

/**
 * Writes the rows of examples to a file (whole or not at all) or, as text, to a function; answers their number.
 *
 * @param names - Interventions in the order wanted; default: all that an example has.
 *
 * Errors: "output" where the file cannot be written.
 */
export async function writeOutcomes(
  examples: AsyncIterable<FoundExample>,
  {
    format,
    to,
    names,
  }: { format: TableFormat; to: string | ((text: string) => void); names?: readonly string[] },
): Promise<number> {
  let rows = 0;
  const counted = async function* (): AsyncGenerator<OutcomeRow[]> {
    for await (const block of blocksOf(examples, names)) {
      rows += block.length;
      yield block;
    }
  };
  if (format !== "parquet" && typeof to !== "string") {
    for await (const text of textOfRows(format, counted())) to(text);
    return rows;
  }
  const path = to as string;
  const file = format === "parquet" ? await createParquet(path, outcomeColumns) : await openAtomic(path);
  try {
    if ("append" in file) for await (const block of counted()) await file.append(block);
    else if (format !== "parquet")
      for await (const text of textOfRows(format, counted())) await file.write(Buffer.from(text));
    await file.commit();
    return rows;
  } catch (error) {
    await file.abort();
    throw error;
  }
}
