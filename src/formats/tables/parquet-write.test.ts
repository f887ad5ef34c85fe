import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parquetMetadataAsync } from "hyparquet";
import { describe, expect, it } from "vitest";
import { openParquet } from "./parquet-read.ts";
import { type Columns, createParquet, type Row } from "./parquet-write.ts";

const scratch = () => join(mkdtempSync(join(tmpdir(), "lintel-parquet-")), "a.parquet");

const columns = {
  id: "string",
  images: { list: "image" },
  one: "image",
  words: { list: "string" },
  answer: "int32",
  nested: { list: { list: "image" } },
} as const satisfies Columns;

async function roundTrip(groups: Row[][]): Promise<Record<string, unknown>[]> {
  const path = scratch();
  const sink = await createParquet(path, columns);
  for (const rows of groups) await sink.append(rows);
  await sink.commit();
  const source = await openParquet(path);
  const rows: Record<string, unknown>[] = [];
  for await (const group of source.read(source.columns)) rows.push(...group);
  await source.close();
  expect(source.rows).toBe(rows.length);
  return rows;
}

/** What was read, in the form in which it was written: structs as bytes, absent as null. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return [...value].join(" ");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && "bytes" in value) return plain(value.bytes);
  return value;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("parquet", () => {
  it("returns nested, empty and null cells as they were written", async () => {
    const rows: Row[] = [
      {
        id: "a",
        images: [bytes(1, 2), bytes(3)],
        one: bytes(9),
        words: ["x", "é"],
        answer: -3,
        nested: [[bytes(1)], null, [bytes(2), bytes(3)]],
      },
      { id: "b", images: [], one: null, words: [], answer: 7, nested: [] },
      { id: "", images: [null, bytes()], one: null, words: null, answer: null, nested: [null, [], null] },
      { id: null, images: null, one: bytes(), words: [null, ""], answer: 0, nested: null },
    ];
    const read = await roundTrip([rows.slice(0, 1), rows.slice(1)]);
    const names = Object.keys(columns);
    expect(read.map((row) => names.map((name) => plain(row[name])))).toEqual(
      rows.map((row) => names.map((name) => plain(row[name]))),
    );
  });

  it("returns any lists of lists of images", async () => {
    const image = fc.option(fc.uint8Array({ maxLength: 5 }));
    const list = fc.option(fc.array(image, { maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.array(list, { maxLength: 4 })), { minLength: 1, maxLength: 8 }),
        async (cells) => {
          const read = await roundTrip([
            cells.map((nested, i) => ({ id: `${i}`, nested, images: nested?.[0] ?? null })),
          ]);
          expect(read.map((row) => plain(row.nested))).toEqual(cells.map(plain));
          expect(read.map((row) => plain(row.images))).toEqual(cells.map((cell) => plain(cell?.[0])));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("tells Hugging Face which columns are images", async () => {
    const path = scratch();
    const sink = await createParquet(path, columns);
    await sink.append([{ id: "a" }]);
    await sink.commit();
    const content = readFileSync(path);
    const metadata = await parquetMetadataAsync({
      byteLength: content.length,
      slice: (start, end) => new Uint8Array(content.subarray(start, end)).buffer,
    });
    const entry = metadata.key_value_metadata?.find(({ key }) => key === "huggingface");
    expect(JSON.parse(entry!.value!)).toEqual({
      info: {
        features: {
          id: { dtype: "string", _type: "Value" },
          images: [{ _type: "Image" }],
          one: { _type: "Image" },
          words: [{ dtype: "string", _type: "Value" }],
          answer: { dtype: "int32", _type: "Value" },
          nested: [[{ _type: "Image" }]],
        },
      },
    });
  });

  it("writes an empty file that reads as no rows", async () => {
    expect(await roundTrip([])).toEqual([]);
  });

  it("leaves nothing behind when given up", async () => {
    const path = scratch();
    const sink = await createParquet(path, columns);
    await sink.append([{ id: "a" }]);
    await sink.abort();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  it("reports missing, foreign and truncated files by path, at every length", async () => {
    const path = scratch();
    await expect(openParquet(path)).rejects.toThrow(
      `${path}: expected a readable Parquet file, got no such file`,
    );
    writeFileSync(path, "not parquet at all, but long enough");
    await expect(openParquet(path)).rejects.toThrow("footer != PAR1");
    const whole = scratch();
    const sink = await createParquet(whole, columns);
    await sink.append([{ id: "a", images: [bytes(1, 2, 3)] }]);
    const written = await sink.commit();
    const content = readFileSync(whole);
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(written).toEqual({ bytes: content.length, sha256, rows: 1 });
    for (let length = 0; length < content.length; length++) {
      writeFileSync(path, content.subarray(0, length));
      await expect(openParquet(path)).rejects.toThrow("expected a readable Parquet file");
    }
  });

  it("refuses row groups that lie outside of the file", async () => {
    const path = scratch();
    const sink = await createParquet(path, { id: "string" });
    await sink.append(Array.from({ length: 2000 }, (_, i) => ({ id: `${Math.sqrt(i)}` })));
    await sink.commit();
    const content = readFileSync(path);
    const footer = content.readUInt32LE(content.length - 8) + 8;
    writeFileSync(path, Buffer.concat([content.subarray(0, 4), content.subarray(content.length - footer)]));
    await expect(openParquet(path)).rejects.toThrow("row group 0 lies outside of the file");
  });

  it("names a column that is not there", async () => {
    const path = scratch();
    const sink = await createParquet(path, { id: "string", question: "string" });
    await sink.append([{ id: "a", question: "b" }]);
    await sink.commit();
    const source = await openParquet(path);
    await expect(source.read(["answer"]).next()).rejects.toThrow(
      'expected a column "answer", got id, question',
    );
    await source.close();
  });
});
