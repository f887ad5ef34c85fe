/** Parquet files that were damaged, by chance and on purpose: errors, in bounded time, and nothing else. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../util/index.ts";
import { openParquet } from "./parquet-read.ts";
import { checkPage, checkRuns } from "./parquet-runs.ts";
import { createParquet } from "./parquet-write.ts";

const goldens = new URL("../../../test/goldens/data/", import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), "lintel-parquet-damage-"));

async function rowsOf(path: string, most = Number.POSITIVE_INFINITY): Promise<unknown[]> {
  const source = await openParquet(path);
  const rows: unknown[] = [];
  try {
    for await (const batch of source.read(source.columns)) {
      for (const row of batch) rows.push(row);
      if (rows.length >= most) break;
    }
  } finally {
    await source.close();
  }
  return rows;
}

describe("damaged Parquet", () => {
  const names = ["gzip", "zstd", "lz4", "v2", "delta", "small-pages", "polars", "row-groups"];
  it.each(names)(
    "parquet-%s: every mutation is read or refused with an error about the file",
    async (name) => {
      const folder = join(goldens, `parquet-${name}`);
      const whole = readFileSync(join(folder, readdirSync(folder)[0]!));
      const r = random(11, "parquet damage", name);
      const path = join(scratch, `${name}.parquet`);
      let refused = 0;
      for (let i = 0; i < 40; i++) {
        const bytes = Buffer.from(whole);
        for (let k = 0; k <= i % 4; k++) bytes[r.integer(bytes.length)] = r.integer(256);
        writeFileSync(path, i % 10 === 9 ? bytes.subarray(0, r.integer(bytes.length)) : bytes);
        const error: unknown = await rowsOf(path).then(
          () => null,
          (cause: unknown) => cause,
        );
        if (error === null) continue;
        refused++;
        expect(error).toMatchObject({ code: "dataset", message: expect.stringContaining(path) });
      }
      // Mutations of text and unused bytes go unnoticed without checksums; of the structure they do not.
      expect(refused).toBeGreaterThan(4);
    },
  );

  it("decodes no more than is asked for: damage behind the first pages does not matter to the first rows", async () => {
    const path = join(scratch, "long.parquet");
    const sink = await createParquet(path, { id: "string", words: { list: "string" } });
    const word = (i: number): string => `${Math.sin(i)}`;
    const rows = Array.from({ length: 90_000 }, (_, i) => ({ id: word(i), words: [word(i), word(i + 0.5)] }));
    await sink.append(rows);
    await sink.commit();
    const bytes = readFileSync(path);
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    // The end of the last column's last page.
    bytes.fill(255, footer - 200_000, footer);
    writeFileSync(path, bytes);
    const first = await rowsOf(path, 2);
    expect(first.slice(0, 2)).toEqual(rows.slice(0, 2));
    expect(first.length).toBeLessThanOrEqual(1024);
    await expect(rowsOf(path)).rejects.toThrow("readable Parquet file");
  });
});

describe("checkRuns", () => {
  const check = (bytes: number[], most: number, least = most) =>
    checkRuns(Uint8Array.from(bytes), { width: 1, least, most, at: 0, end: bytes.length });

  it("takes runs that fit, padded groups among them", () => {
    check([20, 1], 10); // ten times the value 1
    check([3, 255], 5); // one group of eight, of which five are used
  });

  it("refuses runs that are longer than the page, too short, or without their length", () => {
    expect(() => check([0xfe, 0xff, 0xff, 0x7f, 1], 10)).toThrow(
      "a run of 134217727 values where 10 are left",
    );
    expect(() => check([20, 1], 11)).toThrow("runs of 10 values where 11 are needed");
    expect(() => check([0x80], 1)).toThrow("a run without its length");
  });

  it("refuses levels that end behind the page, and more nulls than values", () => {
    const layout = {
      version: 1,
      values: 4,
      nulls: null,
      repetition: 0,
      definition: 1,
      levelBytes: [0, 0],
      encoded: null,
    } as const;
    expect(() => checkPage(Uint8Array.of(9, 0, 0, 0, 8, 1), layout)).toThrow(
      "levels up to byte 13 of a page of 6",
    );
    checkPage(Uint8Array.of(2, 0, 0, 0, 8, 1), layout);
    expect(() => checkPage(Uint8Array.of(), { ...layout, version: 2, definition: 0, nulls: 5 })).toThrow(
      "5 nulls among 4 values",
    );
  });
});
