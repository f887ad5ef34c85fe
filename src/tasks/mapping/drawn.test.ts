/** Options that are drawn from other answers are the same wherever the dataset lies. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, it } from "vitest";
import { encodePng } from "../../formats/index.ts";
import { readMapped } from "./index.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-drawn-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("a moved dataset, and a relative path, ask the same questions", async () => {
  const mapping = join(scratch, "open.yaml");
  writeFileSync(
    mapping,
    "question: q\nimages: img\noptions: { fromAnswers: 4 }\nanswer: { field: a, form: text }\n",
  );
  const records = Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({ q: "Which?", img: "a.png", a: `thing ${i}` }),
  );
  const [here, there] = ["here", "there/further"].map((name) => {
    const folder = join(scratch, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "a.png"), encodePng({ width: 1, height: 1, pixels: new Uint8Array(3) }));
    writeFileSync(join(folder, "test.jsonl"), records.join("\n"));
    return folder;
  });
  const asked = async (path: string) =>
    (await readMapped(path, mapping, { audit: true })).examples.map(({ options, answer }) => [
      options,
      answer,
    ]);
  const first = await asked(here!);
  expect(new Set(first.map(([options]) => String(options))).size).toBeGreaterThan(20);
  expect(await asked(there!)).toEqual(first);
  expect(await asked(relative(process.cwd(), here!))).toEqual(first);
});
