/** Parts of a split for viewers: some examples from the middle, or what is known of all of them without their images. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openParquet } from "../../formats/index.ts";
import { exampleId } from "../draw.ts";
import type { Example } from "../types.ts";
import { columnsWith, extras, fromRow } from "./columns.ts";
import { layoutWith } from "./read.ts";

/** What a list of examples shows: no images. */
export interface ExampleFacts {
  id: string;
  question: string;
  /** JSON of the attributes. */
  attributes: string;
}

/** Batches of rows of a split from row `from` on, with the number of the first row of each. */
async function* rowsFrom(
  dir: string,
  split: string,
  columns: readonly string[],
  from: number,
): AsyncGenerator<{ first: number; rows: Record<string, unknown>[]; root: string }> {
  const layout = await layoutWith(dir, split);
  let before = 0;
  for (const file of layout.splits.get(split)!) {
    const source = await openParquet(join(layout.root, "data", file));
    try {
      let first = Math.max(from, before);
      if (from < before + source.rows) {
        const wanted = columns.filter((name) => source.columns.includes(name));
        for await (const rows of source.read(wanted, first - before)) {
          yield { first, rows, root: layout.root };
          first += rows.length;
        }
      }
      before += source.rows;
    } finally {
      await source.close();
    }
  }
}

/**
 * `count` examples of a split from number `from` on. Row groups before them are not read, and shards are not compared with
 * their checksums: for viewing, not for measuring. An example that breaks the rules is null.
 *
 * Errors: as `readExamples`.
 *
 * @example
 * await examplesFrom("no-such-directory", "eval", 16, 16).catch((error) => error.code); // "dataset"
 */
export async function examplesFrom(
  dir: string,
  split: string,
  from: number,
  count: number,
): Promise<(Example | null)[]> {
  const found: (Example | null)[] = [];
  for await (const { first, rows, root } of rowsFrom(dir, split, Object.keys(columnsWith(extras)), from)) {
    for (const [i, row] of rows.entries()) {
      if (found.length === count) return found;
      try {
        found.push(fromRow(row, root, exampleId(split, first + i)));
      } catch {
        // The example is shown as one that cannot be read; the audit itself refused or skipped it.
        found.push(null);
      }
    }
  }
  return found;
}

/**
 * Ids, questions and attributes of a whole split, read without its images.
 *
 * Errors: as `readExamples`.
 *
 * @example
 * await factsOf("no-such-directory", "eval").catch((error) => error.code); // "dataset"
 */
export async function factsOf(dir: string, split: string): Promise<ExampleFacts[]> {
  const facts: ExampleFacts[] = [];
  for await (const { first, rows } of rowsFrom(dir, split, ["id", "question", "attributes"], 0)) {
    for (const [i, { id, question, attributes }] of rows.entries())
      facts.push({
        id: typeof id === "string" ? id : exampleId(split, first + i),
        question: typeof question === "string" ? question : "",
        attributes: typeof attributes === "string" ? attributes : "{}",
      });
  }
  return facts;
}

/**
 * Names, sizes and times of the files of a split, as one text: another one where they were written anew. What is derived
 * from a split is kept with it.
 *
 * Errors: as `readExamples`.
 *
 * @example
 * await stampOfSplit("no-such-directory", "eval").catch((error) => error.code); // "dataset"
 */
export async function stampOfSplit(dir: string, split: string): Promise<string> {
  const layout = await layoutWith(dir, split);
  const files = layout.splits.get(split)!.map(async (file) => {
    const { size, mtimeMs } = await stat(join(layout.root, "data", file));
    return `${file}:${size}:${mtimeMs}`;
  });
  return (await Promise.all(files)).join(" ");
}
