import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf, textOf } from "./text.ts";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const cut = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));

describe("linesOf", () => {
  it("ends lines at \\n, \\r\\n and \\r only, however the text is cut into pieces", async () => {
    const line = fc.string({ unit: fc.constantFrom("a", "é", "\u2028", "\u2029", "\u0085", "\v", "\f") });
    const lines = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 5 }), async (given, size) => {
        // A line that begins with nothing behind "\r" and is ended by "\n" would make one line end of two.
        const text = given.map(([content, end]) => `x${content}${end}`).join("");
        const found = await all(linesOf(cut(text, size)));
        expect(found).toEqual(given.map(([content], i) => ({ number: i + 1, text: `x${content}` })));
      }),
    );
  });

  it("has a last line without an end, and none behind the last end", async () => {
    expect((await all(linesOf(["a\n\nb"]))).map(({ text }) => text)).toEqual(["a", "", "b"]);
    expect((await all(linesOf(["a\n"]))).map(({ text }) => text)).toEqual(["a"]);
    expect(await all(linesOf([]))).toEqual([]);
  });
});

describe("textOf", () => {
  const file = join(mkdtempSync(join(tmpdir(), "lintel-text-")), "a.txt");
  const read = async (bytes: Uint8Array | string): Promise<string> => {
    writeFileSync(file, bytes);
    return (await all(textOf(file))).join("");
  };

  it("decodes a character that two blocks share", async () => {
    const text = `${"a".repeat((1 << 20) - 1)}é${"b".repeat(9)}`;
    expect(await read(text)).toBe(text);
  });

  it.each([
    ["Latin-1", Buffer.from("Fläche", "latin1"), "not UTF-8"],
    ["a cut character", Buffer.from("é").subarray(0, 1), "not UTF-8"],
    ["UTF-16 without a mark", Buffer.from("ab", "utf16le"), "UTF-16 without a byte order mark"],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "UTF-32"],
    ["bzip2", Buffer.from("BZh91AY&SY"), "bzip2"],
    ["xz", Buffer.from("fd377a585a0000", "hex"), "xz"],
    ["half of a gzip header", Buffer.from("1f8b08", "hex"), "unexpected end of file"],
  ])("says what %s is", async (_, bytes, error) => {
    await expect(read(bytes)).rejects.toThrow(error);
  });
});
