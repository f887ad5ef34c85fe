/** Hostile files in their true sizes: each ends with an error that names file and limit, in a process with a heap of 512 MB. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createParquet } from "../../formats/index.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-hostile-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const map = "question: q\nimages: img\noptions: o\nanswer: a\nwithoutImages: ask\n";
const record = { q: "Which?", img: null, o: ["red", "blue"], a: "red" };
const MB = 1 << 20;

/** Reads a file in a process of its own: what is said, and the most memory that it took in MB. */
function reading(path: string): { message: string; megabytes: number } {
  const program = `
    const { readMapped } = await import(${JSON.stringify(new URL("../../../dist/tasks/index.js", import.meta.url).href)});
    const skipped = [];
    const message = await readMapped(process.argv[1], process.argv[2], { audit: true, limit: 20, onSkipped: ({ reason }) => skipped.push(reason) })
      .then(() => skipped[0] ?? "read", (error) => error.name + " " + error.message);
    console.log(JSON.stringify({ message, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
  const mapping = join(scratch, "m.yaml");
  writeFileSync(mapping, map);
  // Without a limit, Node lets garbage grow where memory is plenty and the machine is busy.
  const args = ["--max-old-space-size=512", "--input-type=module", "-e", program, path, mapping];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 }));
}

/** Writes a file piece by piece. */
function written(name: string, pieces: Iterable<string | Uint8Array>): string {
  const path = join(scratch, name);
  const file = openSync(path, "w");
  for (const piece of pieces) writeSync(file, Buffer.from(piece));
  closeSync(file);
  return path;
}
const repeated = function* (piece: string, times: number, before = ""): Generator<string> {
  yield before;
  for (let i = 0; i < times; i++) yield piece;
};
const list = (length: number): string[] => Array.from({ length }, (_, i) => `c${i}`);

it.each<[string, () => string | Promise<string>, RegExp]>([
  [
    "a line of 600 MB",
    () => written("line.jsonl", repeated("x".repeat(MB), 600, '{"q": "')),
    /line 1 has more than 67108864/,
  ],
  [
    "an unclosed quote of 100 MB",
    () => written("quote.csv", repeated('x,y,"" z\n'.repeat(100_000), 120, 'q,img,o,a\n"')),
    /row 2 has more than 67108864/,
  ],
  [
    "a document of 300 MB",
    () => written("document.json", repeated("x".repeat(MB), 300, '{"q": "')),
    /more than 134217728 characters/,
  ],
  [
    "a million fields",
    () =>
      written("fields.jsonl", [
        JSON.stringify({ ...record, ...Object.fromEntries(list(1e6).map((c) => [c, 1])) }),
      ]),
    /more than 10000 fields/,
  ],
  [
    "a million columns",
    () => written("columns.csv", [`q,img,o,a,${list(1e6).join()}\n`]),
    /a header of more than 4194304 characters|more than 10000 cells/,
  ],
  [
    "a million options",
    () => written("options.jsonl", [JSON.stringify({ ...record, o: list(1e6) })]),
    /more than 100000 values/,
  ],
  [
    "10 GB of line ends in gzip",
    () => written("bomb.jsonl.gz", repeatedGzip("\n")),
    /more than 67108864 characters of white space before the first record/,
  ],
  [
    "1.5 GB of white space between records in gzip",
    () => written("bomb.jsonl.gz", repeatedGzip(`{}\n${" ".repeat(MB)}`, 150)),
    /unpacks to more than the limit of \d+ bytes/,
  ],
  [
    "texts of 1 MB, many times, in Parquet",
    bomb,
    /bytes of values in a file of \d+, more than the limit of \d+/,
  ],
])("%s", async (_, make, message) => {
  const path = await make();
  const found = reading(path);
  expect(found.message).toMatch(message);
  expect(found.message).toContain(path);
  expect(found.megabytes).toBeLessThan(1500);
  rmSync(path);
});

function* repeatedGzip(text: string, times = 1000): Generator<Uint8Array> {
  // Streams behind one another are one file for gunzip: each of 10 MB in 10 kB.
  const one = gzipSync(Buffer.alloc(10 * MB, text), { level: 9 });
  for (let i = 0; i < times; i++) yield one;
}

async function bomb(): Promise<string> {
  const path = join(scratch, "bomb.parquet");
  const sink = await createParquet(path, { q: "string", img: "string", o: "string", a: "string" });
  const text = "x".repeat(MB);
  for (let i = 0; i < 30; i++)
    await sink.append(
      Array.from({ length: 100 }, () => ({ q: text, img: "", o: "['red', 'blue']", a: "red" })),
    );
  await sink.commit();
  return path;
}
