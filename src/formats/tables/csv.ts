/** Tables as text, as spreadsheets, pandas and DuckDB read them. */

const cell = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/**
 * A line of CSV (RFC 4180): cells that hold commas, quotes or line ends in quotes, null as an empty cell, lists and objects
 * as JSON. With another separator, such as a tab, it is pandas' table of that separator.
 *
 * @example
 * csvLine(["a", 'say "b"', null, [1, 2]]); // "a,\"say \"\"b\"\"\",,\"[1,2]\"\n"
 */
export const csvLine = (cells: readonly unknown[], separator: "," | "\t" = ","): string =>
  `${cells
    .map(cell)
    .map((text) =>
      /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text,
    )
    .join(separator)}\n`;

/**
 * A line of a table separated by tabs, without quotes, as the Embedding Projector reads it: tabs and line ends within cells
 * become spaces.
 *
 * @example
 * tsvLine(["a\tb", 2]); // "a b\t2\n"
 */
export const tsvLine = (cells: readonly unknown[]): string =>
  `${cells.map((each) => cell(each).replace(/[\t\r\n]+/g, " ")).join("\t")}\n`;
