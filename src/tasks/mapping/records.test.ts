import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tableRecords } from "./columns.ts";
import { kindOf } from "./files.ts";
import { recordsOf } from "./records.ts";
import { select } from "./select.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-records-"));

async function count(path: string, records?: string): Promise<number> {
  let n = 0;
  for await (const _ of recordsOf(path, records)) n++;
  return n;
}

describe("recordsOf", () => {
  it("reads more records than a call may have arguments, as a list, under a key, and in JSONL", async () => {
    const list = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const path = join(scratch, "a.json");
    writeFileSync(path, JSON.stringify(list));
    expect(await count(path)).toBe(list.length);
    writeFileSync(path, JSON.stringify({ data: list }));
    expect(await count(path, "data")).toBe(list.length);
    expect(select({ data: list }, "data[i=7].i")).toEqual([7]);
    const lines = join(scratch, "a.jsonl");
    writeFileSync(lines, list.map((each) => JSON.stringify(each)).join("\n"));
    expect(await count(lines)).toBe(list.length);
  });

  it("gives a line that is no JSON as an error in its place", async () => {
    const path = join(scratch, "b.jsonl");
    writeFileSync(path, '{"a":1}\n{"a":\n\n{"a":3}\n');
    const found: unknown[] = [];
    for await (const record of recordsOf(path)) found.push(record);
    expect(found).toEqual([
      { a: 1 },
      expect.objectContaining({ message: expect.stringContaining("b.jsonl:2") }),
      { a: 3 },
    ]);
  });
});

describe("kindOf", () => {
  it.each([
    ["a.JSONL", "jsonl"],
    ["a.csv.gz", "csv"],
    ["a.Json.ZST", "json"],
    ["b.tgz", "tar"],
    ["c.d/e", null],
    [".jsonl", "jsonl"],
    ["a.xlsx", null],
  ])("%s: %s", (name, kind) => expect(kindOf(name)).toBe(kind));
});

describe("tableRecords", () => {
  it("takes an object for one record unless it is a table", () => {
    const record = { question: "?", options: ["a", "b"] };
    expect(tableRecords(record)).toEqual([record]);
    expect(tableRecords({ images: ["a", "b"] })).toEqual([{ images: ["a", "b"] }]);
    expect(tableRecords({ meta: {}, data: [record] })).toEqual([{ meta: {}, data: [record] }]);
    expect(tableRecords({})).toEqual([{}]);
  });
});
