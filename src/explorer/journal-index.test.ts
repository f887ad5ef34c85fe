import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { plant } from "../../test/support/planted.ts";
import { readOutcomes } from "../audit/index.ts";
import { indexJournal, journalIndex, keepIndex, outcomesAt, searchJournal } from "./journal-index.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-index-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const path = join(scratch, "outcomes.jsonl");
const records = plant({ n: 50, seed: 3, rates: { own: 0.5, oracle: 0.9, zeros: 0.3 }, shared: 0.2 });
const write = (): void =>
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
const bytes = (text: string): Int8Array => new Int8Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

it("an index says what the outcomes say, and rows are read by their place", async () => {
  write();
  const index = await indexJournal(path);
  const { rows } = index;
  expect(rows.interventions).toEqual(["own", "oracle", "zeros"]);
  expect(rows.ids).toEqual(records.map(({ example }) => example));
  const choices = bytes(rows.choices);
  const right = Uint8Array.from(Buffer.from(rows.right, "base64"));
  for (const [i, name] of rows.interventions.entries())
    for (const [row, { outcomes, answer }] of records.entries()) {
      expect(choices[i * rows.n + row]).toBe(outcomes[name]!.choice);
      expect(right[i * rows.n + row]! / 250).toBeCloseTo(
        Math.exp(outcomes[name]!.optionLogProbabilities![answer]!),
        2,
      );
    }
  expect(await outcomesAt(path, index, 7, 19)).toEqual((await readOutcomes(path)).slice(7, 19));
  expect(await outcomesAt(path, index, 45, 64)).toEqual(records.slice(45));
  expect(await searchJournal(path, index, "000012")).toEqual([12]);
});

it("the option that own latents look like is a column where it is known", async () => {
  const some = records.map((record, i) => ({
    ...record,
    outcomes: {
      ...record.outcomes,
      own: { ...record.outcomes.own!, ...(i % 2 === 0 && { looks: { option: i % 3, margin: 0.1 } }) },
    },
  }));
  writeFileSync(path, some.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const { rows } = await indexJournal(path);
  expect([...Buffer.from(rows.looks!, "base64")]).toEqual(some.map((_, i) => (i % 2 === 0 ? i % 3 : 255)));
  write();
  expect((await indexJournal(path)).rows.looks).toBeUndefined();
});

it("interventions that some examples lack are absent there", async () => {
  const some = records.map(({ outcomes: { zeros, ...rest }, ...record }, i) => ({
    ...record,
    outcomes: i % 3 === 1 ? { ...rest, zeros } : rest,
  }));
  writeFileSync(path, some.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const { rows } = await indexJournal(path);
  const choices = bytes(rows.choices).subarray(2 * rows.n);
  expect(Array.from(choices, (choice) => choice !== -2)).toEqual(some.map((_, i) => i % 3 === 1));
});

it("broken, changed and half-written lines are named, and all others are there", async () => {
  write();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  lines[3] = '{"example":"3"';
  lines[9] = `${lines[9]!.slice(0, -1)},"check":"0123456789abcdef"}`;
  writeFileSync(path, `${lines.join("\n")}\n{"example":"half`);
  const index = await indexJournal(path);
  expect(index.rows.n).toBe(49);
  expect(index.rows.notes).toEqual([
    "Lines of outcomes.jsonl that cannot be read are left out: 4.",
    "Lines of outcomes.jsonl that were changed after they were written: 10.",
    "The last line of outcomes.jsonl is incomplete and left out.",
  ]);
  expect((await outcomesAt(path, index, 2, 5)).map(({ example }) => example)).toEqual([
    "000002",
    "000004",
    "000005",
  ]);
});

it("a large journal's index is kept, used again, and made again when the journal grows", async () => {
  const filler = "x".repeat(200_000);
  const line = (i: number): string => `${JSON.stringify({ ...records[i]!, filler })}\n`;
  writeFileSync(path, Array.from({ length: 48 }, (_, i) => line(i)).join(""));
  const kept = join(scratch, ".explorer", "rows.json");
  await keepIndex(scratch);
  expect(existsSync(kept)).toBe(true);
  const first = await indexJournal(path);
  const { mtimeMs } = statSync(kept);
  expect(await journalIndex(path)).toEqual(first);
  expect(statSync(kept).mtimeMs).toBe(mtimeMs);
  appendFileSync(path, line(48));
  expect((await journalIndex(path)).rows.n).toBe(49);
});
