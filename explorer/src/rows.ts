/** The examples of an audit as columns, and which of them pass a filter. */
import { ABSENT, type RowsContent, UNREAD } from "../../src/explorer/types.ts";
import { bytesOf, integersOf, shortsOf } from "./bytes.ts";
import { loadStamped } from "./data.ts";
import { letter } from "./format.ts";

export interface Rows {
  n: number;
  interventions: string[];
  ids: string[];
  answers: Uint8Array;
  options: Uint8Array;
  /** By intervention: the option chosen, UNREAD or ABSENT. */
  choices: Record<string, Int8Array>;
  /** By intervention: probability of the right option × 250, 255 where there is none. */
  right: Record<string, Uint8Array>;
  disagree: Uint8Array;
  rank: Uint16Array | null;
  /** The option that own latents look like, 255 where none is known. */
  looks: Uint8Array | null;
  sample: Int32Array | null;
  attributes: Record<string, { values: string[]; codes: Uint8Array }>;
  notes: string[];
  place: Map<string, number>;
}

const decoded = new WeakMap<RowsContent, Rows>();

/** `growing`: bytes of a journal that is still being written. */
export async function loadRows(audit: number, growing?: number): Promise<Rows> {
  const content = await loadStamped<RowsContent>(`rows/${audit}`, growing);
  const before = decoded.get(content);
  if (before) return before;
  const { n, interventions, ids, notes } = content;
  const [choices, right] = [bytesOf(content.choices), bytesOf(content.right)];
  let place: Map<string, number> | undefined;
  const rows: Rows = {
    n,
    interventions,
    ids,
    notes,
    answers: bytesOf(content.answers),
    options: bytesOf(content.options),
    choices: Object.fromEntries(
      interventions.map((name, i) => [name, new Int8Array(choices.buffer, i * n, n)]),
    ),
    right: Object.fromEntries(interventions.map((name, i) => [name, right.subarray(i * n, (i + 1) * n)])),
    disagree: bytesOf(content.disagree),
    looks: content.looks ? bytesOf(content.looks) : null,
    rank: content.rank ? shortsOf(content.rank) : null,
    sample: content.sample ? integersOf(content.sample) : null,
    attributes: Object.fromEntries(
      Object.entries(content.attributes).map(([name, { values, codes }]) => [
        name,
        { values, codes: bytesOf(codes) },
      ]),
    ),
    // Only a second audit and the course of a training ask for it.
    get place() {
      place ??= new Map(ids.map((id, row) => [id, row]));
      return place;
    },
  };
  decoded.set(content, rows);
  return rows;
}

/** How an answer stands. */
type Standing = "right" | "wrong" | "unread" | "absent";

export function standing(rows: Rows, name: string, row: number): Standing {
  const choice = rows.choices[name]?.[row] ?? ABSENT;
  return choice === ABSENT
    ? "absent"
    : choice === UNREAD
      ? "unread"
      : choice === rows.answers[row]
        ? "right"
        : "wrong";
}

/**
 * One condition of a filter, as it stands in the address:
 * `own=right`, `own=wrong`, `own=unread`, `own!=zeros` (other answers), `@shape=L` (an attribute), `readers` (two readers of
 * a reply disagree), `rank>1`, `rank=1`, `looks=right`, `looks=wrong`, `looks=own`, `looks=B` (the option that own latents look
 * like). With `B.` in front it is about the second audit.
 */
export type Term = string;

type Test = (row: number) => boolean;
const never: Test = () => false;

function testOf(term: Term, rows: Rows): Test {
  if (term === "readers") return (row) => rows.disagree[row] === 1;
  const [, left = "", operator = "", right = ""] = /^(.+?)(!=|=|>)(.*)$/.exec(term) ?? [];
  if (left === "rank") {
    const { rank } = rows;
    const limit = Number(right);
    if (!rank) return never;
    return operator === ">" ? (row) => rank[row]! > limit : (row) => rank[row] === limit;
  }
  if (left === "looks") {
    const { looks, answers } = rows;
    if (!looks) return never;
    const known = (test: (row: number) => boolean) => (row: number) => looks[row] !== 255 && test(row);
    if (right === "right") return known((row) => looks[row] === answers[row]);
    if (right === "wrong") return known((row) => looks[row] !== answers[row]);
    if (right === "own") return known((row) => looks[row] === rows.choices.own?.[row]);
    return known((row) => letter(looks[row]!) === right);
  }
  if (left.startsWith("@")) {
    const attribute = rows.attributes[left.slice(1)];
    const code = attribute?.values.indexOf(right) ?? -1;
    return attribute ? (row) => attribute.codes[row] === code : never;
  }
  if (!rows.choices[left]) return never;
  if (operator === "!=") {
    const [one, two] = [rows.choices[left], rows.choices[right]];
    return two ? (row) => one[row] !== two[row] && one[row] !== ABSENT && two[row] !== ABSENT : never;
  }
  const choices = rows.choices[left];
  const { answers } = rows;
  if (right === "right") return (row) => choices[row] === answers[row];
  // Wrong answers include those that cannot be read: they count as wrong in every accuracy.
  if (right === "wrong") return (row) => choices[row] !== ABSENT && choices[row] !== answers[row];
  const wanted = { unread: UNREAD, absent: ABSENT }[right];
  return wanted === undefined ? never : (row) => choices[row] === wanted;
}

/** What own latents look like, beside a single option. */
export const LOOKS: Readonly<Record<string, string>> = {
  right: "the right option",
  wrong: "a wrong option",
  own: "the option it answers",
};

/** A condition in words. */
export function termText(term: Term): string {
  if (term === "readers") return "readers disagree";
  const [, left = "", operator = "", right = ""] = /^(.+?)(!=|=|>)(.*)$/.exec(term) ?? [];
  const other = left.startsWith("B.");
  const name = other ? left.slice(2) : left;
  if (left === "rank") return operator === ">" ? `oracle ranks below ${right}` : `oracle ranks ${right}`;
  if (left === "looks") return `own looks like ${LOOKS[right] ?? `option ${right}`}`;
  if (left.startsWith("@")) return `${left.slice(1)}: ${right}`;
  if (operator === "!=") return `${left} and ${right} differ`;
  const words: Record<string, string> = {
    right: "right",
    wrong: "wrong",
    unread: "cannot be read",
    absent: "not run",
  };
  return `${name} ${words[right] ?? right}${other ? " in B" : ""}`;
}

export const termsOf = (text: string | undefined): Term[] => (text ? text.split("~") : []);
export const textOfTerms = (terms: readonly Term[]): string => terms.join("~");

/** Row numbers as text and back: "1-4.9" */
export function rangesOf(rows: readonly number[]): string {
  const sorted = [...rows].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (sorted[j + 1] === sorted[j]! + 1) j++;
    parts.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`);
    i = j + 1;
  }
  return parts.join(".");
}

export function rowsOfRanges(text: string): Set<number> {
  const found = new Set<number>();
  for (const part of text.split(".").filter(Boolean)) {
    const [from = 0, to = from] = part.split("-").map(Number);
    for (let row = from; row <= Math.min(to, from + 200_000); row++) found.add(row);
  }
  return found;
}

interface Selection {
  terms: readonly Term[];
  /** Rows that were brushed or saved; null for all. */
  chosen: ReadonlySet<number> | null;
  /** Rows that a search found; null without one. */
  found: ReadonlySet<number> | null;
}

/** The rows that pass, in order. */
export function selectRows(rows: Rows, { terms, chosen, found }: Selection, other: Rows | null): Int32Array {
  const tests = terms.map((term): Test => {
    if (!term.startsWith("B.")) return testOf(term, rows);
    if (!other) return never;
    const test = testOf(term.slice(2), other);
    return (row) => {
      const there = other.place.get(rows.ids[row]!);
      return there !== undefined && test(there);
    };
  });
  const out = new Int32Array(rows.n);
  let n = 0;
  for (let row = 0; row < rows.n; row++) {
    if (chosen && !chosen.has(row)) continue;
    if (found && !found.has(row)) continue;
    if (tests.every((test) => test(row))) out[n++] = row;
  }
  return out.slice(0, n);
}

/** Rows in the order of a column: "own" ascending by the probability of the right option, "-own" descending, "rank". */
export function sortRows(rows: Rows, selected: Int32Array, by: string): Int32Array {
  const down = by.startsWith("-");
  const name = down ? by.slice(1) : by;
  const column = name === "rank" ? rows.rank : rows.right[name];
  if (!column) return selected;
  const missing = name === "rank" ? 0 : 255;
  const value = (row: number): number =>
    column[row] === missing ? Number.POSITIVE_INFINITY : column[row]! * (down ? -1 : 1);
  return selected.slice().sort((a, b) => value(a) - value(b) || a - b);
}
