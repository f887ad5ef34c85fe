/**
 * An index beside a journal of outcomes: where each line begins, and per example what the table shows. Built in one pass
 * over the file, kept in `.explorer/` beside it, and made again when the journal has changed.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExampleOutcomes } from "../audit/index.ts";
import { inOrder } from "../report/index.ts";
import { base64 } from "./base64.ts";
import { kept, stampOf } from "./kept.ts";
import { ABSENT, type RowsContent, UNREAD } from "./types.ts";

/** What is made of a journal. */
export interface JournalIndex {
  /** The table without what other files add to it (ranks, samples, attributes). */
  rows: RowsContent;
  /** Byte at which each line begins, and behind the last one. */
  offsets: Float64Array;
}

const NEWLINE = 0x0a;
/** `,"check":"…"}` at the end of a line. */
const SEAL = /^,"check":"([0-9a-f]{16})"\}$/;
const SEAL_LENGTH = 28;

/** Whether a line carries the digest of what stands before it; lines without a digest are of older versions. */
function unchanged(line: Buffer): boolean {
  const [, check] = SEAL.exec(line.subarray(-SEAL_LENGTH).toString("latin1")) ?? [];
  if (check === undefined) return !line.subarray(-64).includes('"check"');
  const hash = createHash("sha256").update(line.subarray(0, -SEAL_LENGTH)).update("}");
  return hash.digest("hex").slice(0, 16) === check;
}

/** The whole lines of a file with the byte at which each begins. */
async function* linesIn(path: string): AsyncGenerator<{ start: number; line: Buffer }> {
  let [start, rest] = [0, Buffer.alloc(0) as Buffer];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    let from = 0;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield { start: start + from, line: bytes.subarray(from, end) };
      from = end + 1;
    }
    start += from;
    rest = bytes.subarray(from);
  }
}

/** A column of one number per example that grows with them. */
class Column {
  private values = new Uint8Array(1024);
  set(row: number, value: number): void {
    if (row >= this.values.length) {
      const grown = new Uint8Array(Math.max(row + 1, this.values.length * 2));
      grown.set(this.values);
      this.values = grown;
    }
    this.values[row] = value;
  }
  take(n: number): Uint8Array {
    const out = new Uint8Array(n);
    out.set(this.values.subarray(0, n));
    return out;
  }
}

interface Tested {
  choice: Column;
  right: Column;
  /** Rows up to here are filled. */
  rows: number;
}

/** The index of a journal, made in one pass. */
export async function indexJournal(path: string): Promise<JournalIndex> {
  const tested = new Map<string, Tested>();
  const [answers, options, disagree, looks] = [new Column(), new Column(), new Column(), new Column()];
  let looked = false;
  const [ids, offsets, notes]: [string[], number[], string[]] = [[], [], []];
  const bad: number[] = [];
  const changed: number[] = [];
  let [number, end] = [0, 0];
  for await (const { start, line } of linesIn(path)) {
    number++;
    let record: ExampleOutcomes;
    try {
      record = JSON.parse(line.toString("utf8")) as ExampleOutcomes;
      if (typeof record.example !== "string" || typeof record.outcomes !== "object")
        throw new Error("no outcomes");
    } catch {
      bad.push(number);
      continue;
    }
    if (!unchanged(line)) changed.push(number);
    const row = ids.length;
    ids.push(record.example);
    offsets.push(start);
    end = start + line.length + 1;
    answers.set(row, record.answer);
    options.set(row, record.options?.length ?? 0);
    let differs = 0;
    for (const [name, outcome] of Object.entries(record.outcomes)) {
      const columns = tested.get(name) ?? { choice: new Column(), right: new Column(), rows: 0 };
      tested.set(name, columns);
      for (; columns.rows < row; columns.rows++) {
        columns.choice.set(columns.rows, ABSENT & 0xff);
        columns.right.set(columns.rows, 255);
      }
      columns.choice.set(row, (outcome.choice ?? UNREAD) & 0xff);
      const logP = outcome.optionLogProbabilities?.[record.answer];
      columns.right.set(row, typeof logP === "number" ? Math.round(Math.exp(logP) * 250) : 255);
      columns.rows = row + 1;
      if (outcome.lenient !== undefined && outcome.lenient !== outcome.choice) differs = 1;
    }
    disagree.set(row, differs);
    const like = record.outcomes.own?.looks?.option;
    looks.set(row, like ?? 255);
    looked ||= like !== undefined;
  }
  const n = ids.length;
  const interventions = inOrder([...tested.keys()]);
  const [choices, right] = [
    new Uint8Array(interventions.length * n),
    new Uint8Array(interventions.length * n),
  ];
  for (const [i, name] of interventions.entries()) {
    const columns = tested.get(name)!;
    choices.set(columns.choice.take(n).fill(ABSENT & 0xff, columns.rows), i * n);
    right.set(columns.right.take(n).fill(255, columns.rows), i * n);
  }
  const list = (numbers: number[]): string =>
    `${numbers.slice(0, 5).join(", ")}${numbers.length > 5 ? ` and ${numbers.length - 5} more` : ""}`;
  if (bad.length > 0) notes.push(`Lines of outcomes.jsonl that cannot be read are left out: ${list(bad)}.`);
  if (changed.length > 0)
    notes.push(`Lines of outcomes.jsonl that were changed after they were written: ${list(changed)}.`);
  const { size } = await stat(path);
  if (size > end && bad.at(-1) !== number)
    notes.push("The last line of outcomes.jsonl is incomplete and left out.");
  const rows: RowsContent = {
    n,
    interventions,
    ids,
    answers: base64(answers.take(n)),
    options: base64(options.take(n)),
    choices: base64(choices),
    right: base64(right),
    disagree: base64(disagree.take(n)),
    ...(looked && { looks: base64(looks.take(n)) }),
    attributes: {},
    notes,
  };
  return { rows, offsets: Float64Array.from([...offsets, end]) };
}

/** The index of the first examples alone; the same where there are no more. */
export function firstRows({ rows, offsets }: JournalIndex, most: number): JournalIndex {
  const { n } = rows;
  if (n <= most) return { rows, offsets };
  const cut = (text: string): string => {
    const all = Buffer.from(text, "base64");
    const columns = all.length / n;
    return Buffer.concat(
      Array.from({ length: columns }, (_, i) => all.subarray(i * n, i * n + most)),
    ).toString("base64");
  };
  const { answers, options, choices, right, disagree, looks } = rows;
  return {
    rows: {
      ...rows,
      n: most,
      ids: rows.ids.slice(0, most),
      answers: cut(answers),
      options: cut(options),
      choices: cut(choices),
      right: cut(right),
      disagree: cut(disagree),
      ...(looks !== undefined && { looks: cut(looks) }),
      notes: [
        ...rows.notes,
        `The first ${most} of ${n} examples are here; accuracies and verdicts are of all.`,
      ],
    },
    offsets: offsets.slice(0, most + 1),
  };
}

/** Journals below this are indexed in a moment: nothing is kept. */
const WORTH_KEEPING = 8e6;

/** The index of a journal: the one kept beside it if it is of this very file, else a new one, which is kept. */
export async function journalIndex(path: string): Promise<JournalIndex> {
  const { size } = await stat(path);
  if (size < WORTH_KEEPING) return indexJournal(path);
  const index = await kept(dirname(path), "rows", await stampOf(path), async () => {
    const { rows, offsets } = await indexJournal(path);
    return { rows, offsets: base64(offsets) };
  });
  const bytes = Uint8Array.from(Buffer.from(index.offsets, "base64"));
  return { rows: index.rows, offsets: new Float64Array(bytes.buffer) };
}

/** Leaves the index of a large journal beside it, so that the first opening is as quick as any other. */
export async function keepIndex(directory: string): Promise<void> {
  const path = join(directory, "outcomes.jsonl");
  const found = await stat(path).catch(() => null);
  if (found && found.size >= WORTH_KEEPING) await journalIndex(path);
}

/** The outcomes of rows `from` to `to` (exclusive), read by their place in the file. */
export async function outcomesAt(
  path: string,
  { offsets }: JournalIndex,
  from: number,
  to: number,
): Promise<ExampleOutcomes[]> {
  const last = Math.min(to, offsets.length - 1);
  if (from >= last) return [];
  const handle = await open(path, "r");
  try {
    const length = offsets[last]! - offsets[from]!;
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offsets[from]!);
    const records: ExampleOutcomes[] = [];
    for (let row = from; row < last; row++) {
      const begin = offsets[row]! - offsets[from]!;
      const text = buffer.subarray(begin, buffer.indexOf(NEWLINE, begin)).toString("utf8");
      const { check: _, ...record } = JSON.parse(text) as ExampleOutcomes & { check?: string };
      records.push(record);
    }
    return records;
  } finally {
    await handle.close();
  }
}

/** Rows whose line contains a text, letters of either case; the file is scanned, not kept. */
export async function searchJournal(
  path: string,
  { offsets }: JournalIndex,
  query: string,
): Promise<number[]> {
  const wanted = JSON.stringify(query).slice(1, -1).toLowerCase();
  const rows = new Map(Array.from(offsets, (offset, row) => [offset, row]));
  const found: number[] = [];
  for await (const { start, line } of linesIn(path)) {
    const row = rows.get(start);
    if (row !== undefined && row < offsets.length - 1 && line.toString("utf8").toLowerCase().includes(wanted))
      found.push(row);
  }
  return found;
}
