/** Records and mappings of strangers that ask for very much: each an error with its place and limit, within its time. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DataLimits, dataLimits } from "../../formats/index.ts";
import { globOf } from "./glob.ts";
import { readMapped } from "./read.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-budget-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const plain = "question: q\nimages: img\noptions: o\nanswer: a\nwithoutImages: ask\n";
const good = { q: "Which?", img: null, o: ["red", "blue"], a: "red" };
const line = (record: object): string => JSON.stringify({ ...good, ...record });

/** What is said of the second of three records, or of all of them. */
async function refusal(
  text: string,
  { map = plain, file = "d.jsonl", limits = {} as Partial<DataLimits> } = {},
): Promise<{ message: string; read: number }> {
  const data = join(scratch, file);
  writeFileSync(data, text);
  writeFileSync(join(scratch, "m.yaml"), map);
  const skipped: string[] = [];
  try {
    const { examples } = await readMapped(data, join(scratch, "m.yaml"), {
      audit: true,
      limits: { ...dataLimits, ...limits },
      onSkipped: ({ reason }) => skipped.push(reason),
    });
    return { message: skipped.join("\n"), read: examples.length };
  } catch (error) {
    expect(error).toMatchObject({ name: "LintelError" });
    return { message: (error as Error).message, read: 0 };
  }
}
const three = (record: object): string => [line({}), line(record), line({})].join("\n");
const many = 1001;
const list = (length: number): string[] => Array.from({ length }, (_, i) => `c${i}`);

describe("a record beyond a limit is left out, and those around it are read", () => {
  it.each<[string, object, RegExp, { map?: string; limits?: Partial<DataLimits> }?]>([
    ["options as a list", { o: list(many), a: "c3" }, /at most 1000 options, got 1001/],
    ["options as text", { o: JSON.stringify(list(many)), a: "c3" }, /at most 1000 options, got 1001/],
    [
      "options by name",
      { o: Object.fromEntries(list(many).map((c) => [c, c])), a: "c3" },
      /at most 1000 options/,
    ],
    [
      "options in a long text",
      { o: `[${"'a', ".repeat(300_000)}]` },
      /options in o of at most 1048576 characters/,
    ],
    [
      "a long question",
      { q: "Which? ".repeat(200_000) },
      /a text in q of at most 1048576 characters, got 1400000/,
    ],
    ["a long answer", { a: "x".repeat(1_100_000) }, /an answer in a of at most 1048576 characters/],
    ["many images", { img: list(many) }, /at most 1000 images, got 1001/],
    [
      "many fields",
      Object.fromEntries(list(many).map((c) => [c, 1])),
      /d.jsonl:2.*more than 1000 fields/,
      { limits: { fields: 1000 } },
    ],
    ["many values", { x: list(many) }, /d.jsonl:2.*more than 1000 values/, { limits: { values: 1000 } }],
    [
      "lists within lists",
      { x: JSON.parse("[".repeat(70) + "]".repeat(70)), y: "-".repeat(5000) },
      /d.jsonl:2.*more than 64 lists within lists/,
    ],
    [
      "a pattern that never ends",
      { a: `${"a".repeat(40)}!` },
      /pattern .* to end within 1 s/,
      { map: plain.replace("answer: a", () => "answer: {field: a, pattern: '((?:a+)+|red)$'}") },
    ],
    [
      "a replacement that never ends",
      { q: `${"a".repeat(40)}!` },
      /pattern .* to end within 1 s/,
      {
        map: plain.replace(
          "question: q",
          () => "question: {field: q, replace: [{pattern: '(?:a+)+$', with: ''}]}",
        ),
      },
    ],
    [
      "a replacement that explodes",
      { q: "a".repeat(3000) },
      /a text in q of at most 1048576 characters/,
      {
        map: plain.replace(
          "question: q",
          () => "question: {field: q, replace: [{pattern: 'a', with: '$`'}]}",
        ),
      },
    ],
  ])("%s", async (_, record, message, options) => {
    const found = await refusal(three(record), options);
    expect(found.message).toMatch(message);
    expect(found.read).toBe(2);
  });

  it.each([
    ["circle", ["1", "2", "1"], /0 → |1 → 2 → 1, a circle/],
    ["chain", [...list(20).map((_, i) => String(i + 1)), "QUJD".repeat(30)], /within 8 references/],
  ])("base64 references in a %s", async (_, images, message) => {
    const rows = images.map((image, i) => `${i}\tWhich?\t${image}\t['a','b']\ta`);
    const map = plain.replace("images: img", () => "images: {base64: image, index: index}");
    const found = await refusal(`index\tq\timage\to\ta\n${rows.join("\n")}\n`, { map, file: "d.tsv" });
    expect(found.message).toMatch(message);
  });
});

describe("a file beyond a limit is refused", () => {
  it.each<[string, string, RegExp, Partial<DataLimits>]>([
    [
      "d.csv",
      `q,img,o,a\n"${'x,y,"" z\n'.repeat(2000)}`,
      /row 2 has more than 9000 characters \(a quote that does not close/,
      { line: 9000 },
    ],
    ["d.csv", `q,img,o,a,${list(3000).join()}\n`, /more than 2000 cells/, { fields: 2000 }],
    [
      "d.jsonl",
      `${line({})}\n{"q": "${"x".repeat(5000)}`,
      /line 2 has more than 4000 characters/,
      { line: 4000 },
    ],
    [
      "d.json",
      `{"a": "${"x".repeat(5000)}"}`,
      /more than 4000 characters; files of this kind are read whole/,
      { document: 4000 },
    ],
    [
      "d.json",
      `[${line({})}, ${line({ q: "x".repeat(5000) })}]`,
      /record 2 has more than 4000 characters/,
      { line: 4000 },
    ],
  ])("%s: %.24s", async (file, text, message, limits) => {
    const found = await refusal(text, { file, limits });
    expect(found.message).toMatch(message);
    expect(found.message).toContain(join(scratch, file));
  });

  it("a JSON list is read record by record, beyond what a document may have", async () => {
    const text = `[${Array.from({ length: 300 }, () => line({})).join(",\n")}]`;
    expect(await refusal(text, { file: "d.json", limits: { document: 1000 } })).toEqual({
      message: "",
      read: 300,
    });
  });

  it("a mapping of 300 kB", async () => {
    const map = `${plain}attributes:\n${list(30_000)
      .map((c) => `  ${c}: q\n`)
      .join("")}`;
    expect((await refusal(line({}), { map })).message).toMatch(/bytes, more than the limit of 262144/);
  });
});

describe("globOf", () => {
  it("matches in linear time", () => {
    const matches = globOf(`${"a*".repeat(2000)}b`);
    expect(matches("a".repeat(100_000))).toBe(false);
    expect(matches(`${"a".repeat(100_000)}b`)).toBe(true);
    expect(["image_*", "*", "a*a", "a*b*c", "**"].map((each) => globOf(each)("aba"))).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(globOf("a*a")("a")).toBe(false);
  });
});
