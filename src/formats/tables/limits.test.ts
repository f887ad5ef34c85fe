/** Files that are small and hold very much, each beyond one limit: errors that name the limit, and nothing is built. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkJson, listedJson } from "./json-walk.ts";
import { type DataLimits, dataLimits } from "./limits.ts";
import { openParquet } from "./parquet-read.ts";
import { type Columns, createParquet, type Row } from "./parquet-write.ts";
import { tarSamples } from "./tar.ts";
import { linesOf, textOf } from "./text.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-limits-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const limits = (changed: Partial<DataLimits>): DataLimits => ({ ...dataLimits, ...changed });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function parquetRows(path: string, changed: Partial<DataLimits>): Promise<number> {
  const source = await openParquet(path, limits(changed));
  let rows = 0;
  try {
    for await (const batch of source.read(source.columns)) rows += batch.length;
  } finally {
    await source.close();
  }
  return rows;
}

describe("Parquet beyond a limit", () => {
  const written = async (name: string, columns: Columns, rows: Row[]): Promise<string> => {
    const path = join(scratch, `${name}.parquet`);
    const sink = await createParquet(path, columns);
    await sink.append(rows);
    await sink.commit();
    return path;
  };
  const text = "x".repeat(10_000);

  it.each<[string, Partial<DataLimits>, RegExp]>([
    ["a page", { page: 5000 }, /a page that unpacks to \d+ bytes, more than the limit of 5000/],
    ["pages at once", { held: 20_000 }, /pages of \d+ bytes at once, more than the limit of 20000/],
    [
      "all values",
      { unpacked: 50_000, ratio: 0 },
      /bytes of values in a file of \d+, more than the limit of 50000/,
    ],
    ["rows", { rows: 10, rowsPerByte: 0 }, /40 rows in a file of \d+ bytes, more than the limit of 10/],
    ["columns", { fields: 1 }, /2 columns, more than the limit of 1/],
  ])("%s: names the file and the limit", async (_, changed, message) => {
    const rows = Array.from({ length: 40 }, () => ({ a: text, b: text }));
    const path = await written("bomb", { a: "string", b: "string" }, rows);
    expect(await parquetRows(path, {})).toBe(40);
    const error = await parquetRows(path, changed).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "dataset", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(path);
  });
});

describe("text beyond a limit", () => {
  it("ends lines, compressed streams and samples of archives", async () => {
    await expect(all(linesOf(["short\n", "x".repeat(50), "x".repeat(60)], 100))).rejects.toThrow(
      "line 2 has more than 100 characters",
    );
    const bomb = join(scratch, "bomb.jsonl.gz");
    writeFileSync(bomb, gzipSync(Buffer.alloc(3_000_000, "\n")));
    expect((await all(textOf(bomb))).join("").length).toBe(3_000_000);
    await expect(all(textOf(bomb, limits({ unpacked: 1_000_000, ratio: 1 })))).rejects.toThrow(
      /unpacks to more than the limit of \d+ bytes/,
    );
    const { pack } = await import("tar-stream");
    const archive = pack();
    for (const end of ["a.txt", "b.txt", "c.txt"]) archive.entry({ name: `1.${end}` }, "x".repeat(40));
    archive.finalize();
    const path = join(scratch, "samples.tar");
    writeFileSync(path, Buffer.concat(await all(archive as AsyncIterable<Uint8Array>)));
    expect((await all(tarSamples(path))).length).toBe(1);
    for (const [changed, message] of [
      [{ page: 30 }, "has 40 bytes, more than the limit of 30"],
      [{ held: 100 }, "has more than the limit of 100 bytes"],
      [{ fields: 2 }, "has more than 2 files"],
    ] as const)
      await expect(all(tarSamples(path, limits(changed)))).rejects.toThrow(message);
  });
});

describe("listedJson", () => {
  const cut = (text: string, size: number): string[] =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
  const records = [{ a: 'say "b", [c]\\' }, [1, [2, 3]], 'x\\\\",', 4, null, { deep: [{ e: {} }] }];

  it("gives the records of a list however it is cut into pieces", async () => {
    const text = ` ${JSON.stringify(records, null, 1)}\n`;
    for (let size = 1; size < 9; size++) {
      const found = await all(listedJson(cut(text, size), dataLimits));
      expect(found.map((each) => JSON.parse(each.text))).toEqual(records);
      expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    }
    expect(await all(listedJson([" [ ] "], dataLimits))).toEqual([]);
  });

  it.each<[string, string, Partial<DataLimits>, string]>([
    ["no end", "[1, [2]", {}, "record 2 is cut off"],
    ["no end within a string", '[1, "2]', {}, "record 2 is cut off"],
    ["a comma at the end", "[1, 2, ]", {}, "no record 3"],
    ["two commas", "[1,, 2]", {}, "no record 2"],
    ["text behind", "[1] [2]", {}, "text behind the list"],
    ["a long record", `[1, "${"x".repeat(50)}"]`, { line: 40 }, "record 2 has more than 40 characters"],
    ["many values", `[1, [${"1,".repeat(50)}1]]`, { values: 40 }, "record 2: more than 40 values"],
    ["many fields", `[{"a":1,"b":2,"c":3}]`, { fields: 2 }, "record 1: more than 2 fields"],
    ["depth", `[1, ${"[".repeat(9)}`, { depth: 8 }, "record 2: more than 8 lists within lists"],
  ])("%s: names the record", async (_, text, changed, message) => {
    for (const size of [3, 1000])
      await expect(all(listedJson(cut(text, size), limits(changed)))).rejects.toThrow(message);
    if (Object.keys(changed).length > 0 && !("line" in changed))
      expect(() => checkJson(text.slice(1), limits({ ...changed, fields: 2 }))).toThrow(/more than/);
  });
});
