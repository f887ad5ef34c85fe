import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf } from "./delimited.ts";

const read = async (pieces: readonly string[], separator: "," | "\t" = "\t"): Promise<string[][]> => {
  const rows: string[][] = [];
  for await (const row of rowsOf(pieces, separator)) rows.push(row);
  return rows;
};

describe("rowsOf", () => {
  it("reads quotes, doubled quotes, and line ends of both kinds, with and without one at the end", async () => {
    expect(await read(['a,"b, ""c""\r\nd",\r\n1,,"3"\n'], ",")).toEqual([
      ["a", 'b, "c"\r\nd', ""],
      ["1", "", "3"],
    ]);
    expect(await read(["a\tb\n1\t2"])).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
    expect(await read(["a\t"])).toEqual([["a", ""]]);
    expect(await read([])).toEqual([]);
  });

  it("gives the same rows however the text is cut into pieces", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', "\t", "\n", "\r", ",", "é") });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 7 }), async (rows, size) => {
        const text = rows
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join("\t"))
          .join("\n");
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size),
        );
        expect(await read(pieces)).toEqual(rows);
      }),
    );
  });

  it("takes a cell of many megabytes without looking through it again with every piece", async () => {
    const piece = "A".repeat(1 << 16);
    const pieces = function* () {
      yield "index\timage\n1\t";
      for (let i = 0; i < 256; i++) yield piece;
      yield "\n2\tB\n";
    };
    const rows = await read([...pieces()]);
    expect(rows.map((row) => row.map((value) => value.length))).toEqual([
      [5, 5],
      [1, 256 << 16],
      [1, 1],
    ]);
  });

  it("refuses a quote that does not close", async () => {
    await expect(read(['a\t"b\n1\t2\n'])).rejects.toThrow(/quote that does not close/);
    await expect(read(['"a"b\t1\n'])).rejects.toThrow(/quote that does not close/);
  });
});
