/** The right option of a record, and how a file tells it: decided over the whole file, never record by record. */
import { LintelError } from "../../util/index.ts";
import { type GridMap, shortestMoves } from "../grid-moves.ts";
import { byPattern, shortText } from "./budget.ts";
import { literalOf, looksListed } from "./literal.ts";
import { type MappedOption, withoutLetter } from "./options.ts";
import type { Mapping } from "./schema.ts";
import { select } from "./select.ts";

/** How the right option is specified: its text, its letter, its place counted from 0 (`index`) or from 1 (`number`). */
export type AnswerForm = "text" | "letter" | "index" | "number";

type RawAnswer = string | number | boolean;

/** The map of a record whose answer is a plan; null where answers are specified otherwise. */
export function mapOf(record: unknown, answer: Mapping["answer"], where: string): GridMap | null {
  if (typeof answer === "string" || !("map" in answer)) return null;
  // `select` makes one list of nested ones.
  const at = answer.map
    .split(".")
    .reduce<unknown>((of, key) => (of as Record<string, unknown> | null | undefined)?.[key], record);
  const rows = typeof at === "string" ? parsedMap(at) : at;
  const good =
    Array.isArray(rows) &&
    rows.length > 0 &&
    rows.every((row) => Array.isArray(row) && row.length === (rows[0] as unknown[]).length);
  const map = good ? (rows as unknown[][]).map((row) => row.map(Number)) : [];
  if (good && shortestMoves(map) !== null) return map;
  throw new LintelError("dataset", {
    where,
    expected: `a map in ${answer.map} whose goal (2) can be reached from its start (1)`,
    got: at === undefined ? "nothing" : JSON.stringify(at)?.slice(0, 80),
  });
}

/** A map written as JSON text. */
function parsedMap(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a map: said by the caller, with the text.
    return null;
  }
}

/** The raw answer of a record: text, number or truth value; of a map the shortest plan. */
export function rawAnswer(record: unknown, answer: Mapping["answer"], where: string): RawAnswer {
  const map = mapOf(record, answer, where);
  if (map) return shortestMoves(map)!;
  if (typeof answer !== "string" && "map" in answer) return "";
  const { field, pattern } = typeof answer === "string" ? { field: answer, pattern: undefined } : answer;
  const refuse = (expected: string, got: string): LintelError =>
    new LintelError("dataset", { where, expected, got });
  const values = select(record, field);
  const different = new Set(values.map(String));
  if (!pattern && different.size > 1)
    throw refuse(`one answer in ${field}`, `${different.size}: ${[...different].join(", ").slice(0, 80)}`);
  const value = pattern && values.length > 1 ? values.join("\n") : values[0];
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "string")
    throw refuse(`an answer in ${field}`, value === undefined ? "nothing" : typeof value);
  if (!pattern) return onlyOf(shortText(value, `an answer in ${field}`, where).trim(), refuse, field);
  const text = shortText(value, `an answer in ${field}`, where);
  const found = byPattern(pattern, where, () => {
    let last: RegExpMatchArray | undefined;
    for (last of text.matchAll(new RegExp(pattern, "g")));
    return last?.[1];
  });
  if (found !== undefined) return found.trim();
  throw refuse(`an answer like ${pattern} in ${field}`, JSON.stringify(value.slice(-60)));
}

/** The only element of a list that is stored as text ("['B']"); other texts as they are. */
function onlyOf(text: string, refuse: (expected: string, got: string) => LintelError, field: string): string {
  const list = looksListed(text) ? literalOf(text) : undefined;
  if (!Array.isArray(list) || !list.every((each) => typeof each === "string")) return text;
  if (list.length === 1) return list[0] as string;
  throw refuse(`one answer in ${field}`, text.slice(0, 80));
}

const plain = (text: string): string => text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

/**
 * What a truth value is called. 1 and 0 are some files' way to write one (HallusionBench's `gt_answer`), and 0 is no place
 * then: among "Yes" and "No" it means the second.
 */
function truthOf(raw: RawAnswer): string[] {
  const value =
    typeof raw === "boolean" ? raw : /^[01](?:\.0+)?$/.test(String(raw).trim()) ? Number(raw) === 1 : null;
  return value === null ? [] : value ? ["yes", "true"] : ["no", "false"];
}

/** Options that a text is; more than one where it could be either. */
function byText(raw: RawAnswer, options: readonly MappedOption[]): number[] {
  const matching = (same: (text: string) => boolean): number[] =>
    options.flatMap(({ text }, i) => (same(text) ? [i] : []));
  const said = String(raw).trim();
  const exact = matching((text) => text === said);
  if (exact.length > 0) return exact;
  const wanted = new Set([plain(said)]);
  for (const word of truthOf(raw)) wanted.add(word);
  const loose = matching((text) => wanted.has(plain(text)));
  // "B. a hat" is the text behind its letter, unless that is another option's.
  return loose.length > 0 || withoutLetter(said) === said ? loose : byLetter(raw, options);
}

/** The option of a letter: alone ("B", "(b)", "B.") or before the option's own text ("B. a hat"). */
function byLetter(raw: RawAnswer, options: readonly MappedOption[]): number[] {
  const found = /^\(?([A-Za-z])(?:\)[.:]?|[.:])?(?:(?<=[).:])\s*(.+))?$/s.exec(String(raw).trim());
  if (!found) return [];
  const at = options.findIndex(({ label }) => label === found[1]!.toUpperCase());
  if (at < 0) return [];
  const rest = found[2] === undefined ? null : plain(found[2]);
  return rest === null || rest === plain(options[at]!.text) ? [at] : [];
}

/** The option at a place, counted from `first`. */
const byPlace =
  (first: 0 | 1) =>
  (raw: RawAnswer, options: readonly MappedOption[]): number[] => {
    // A column of whole numbers with gaps is floating point in many tools: "2.0".
    const digits = typeof raw === "boolean" ? null : /^(\d+)(?:\.0+)?$/.exec(String(raw).trim());
    const at = digits ? options.findIndex(({ place }) => place === Number(digits[1]) - first) : -1;
    return at >= 0 ? [at] : [];
  };

const readers: Record<AnswerForm, (raw: RawAnswer, options: readonly MappedOption[]) => number[]> = {
  text: byText,
  letter: byLetter,
  index: byPlace(0),
  number: byPlace(1),
};
const forms = Object.keys(readers) as AnswerForm[];

/**
 * Index of the right one among the options.
 *
 * Errors: "dataset" where the answer is none of them, or two.
 */
export function answerIndex(
  raw: RawAnswer,
  options: readonly MappedOption[],
  form: AnswerForm,
  where: string,
): number {
  const found = readers[form](raw, options);
  if (found.length === 1) return found[0]!;
  const how = {
    text: "one",
    letter: "the letter of one",
    index: "the place, counted from 0, of one",
    number: "the place, counted from 1, of one",
  }[form];
  throw new LintelError("dataset", {
    where,
    expected: `an answer that is ${how} of ${options.map(({ text }) => JSON.stringify(text)).join(", ")}`,
    got:
      found.length === 0 ? JSON.stringify(raw) : `${JSON.stringify(raw)}, which ${found.length} of them are`,
  });
}

/** What is seen of a file's answers, record by record. */
interface FormReader {
  add(raw: RawAnswer, options: readonly MappedOption[]): void;
  /** The form in which all of them are specified. Throws "usage" where it cannot be known. */
  decide(where: string, key: string): AnswerForm;
}

/**
 * Finds out how a file tells its right options. A form is taken that reads every answer which any form reads; several, if
 * they say the same of each record. Answers 1 … n of n options that are never 0 could be places from 1, and those that stay
 * below n either: that is requested.
 */
export function formReader(): FormReader {
  const fits: Record<AnswerForm, number> = { text: 0, letter: 0, index: 0, number: 0 };
  const differ = new Set<string>();
  let seen = 0;
  let sample = "";
  return {
    add(raw, options) {
      const read = forms.map((form) => ({ form, found: readers[form](raw, options) }));
      const fitting = read.filter(({ found }) => found.length === 1);
      if (fitting.length === 0) return;
      seen++;
      for (const { form, found } of fitting) {
        fits[form]++;
        for (const other of fitting) {
          if (other.found[0] === found[0]) continue;
          if (!differ.has(`${form} ${other.form}`))
            sample ||= `${JSON.stringify(raw)} of ${options.map(({ text }) => text).join(", ")}`;
          differ.add(`${form} ${other.form}`);
        }
      }
    },
    decide(where, key) {
      // No answer is any option: each record reports it.
      if (seen === 0) return "text";
      const full = forms.filter((form) => fits[form] === seen);
      const agree = (a: AnswerForm, b: AnswerForm): boolean => !differ.has(`${a} ${b}`);
      const [first] = full;
      // Places from 1 are never guessed: a file of places from 0 that is damaged looks the same.
      if (first !== undefined && first !== "number" && full.every((form) => agree(first, form))) return first;
      // The numbers 1 … n as options in their order: the option that is the answer goes before its place.
      if (first === "text" && full.includes("number") && agree("text", "number")) {
        const others = full.filter((form) => form !== "index");
        if (others.every((form) => agree("text", form))) return "text";
      }
      const counts = forms.filter((form) => fits[form] > 0).map((form) => `${fits[form]} as ${form}`);
      const meant = full.length > 1 ? full : forms.filter((form) => fits[form] > 0);
      throw new LintelError("usage", {
        where,
        expected:
          "answers that can be read in one way (text, letter, index counted from 0, number counted from 1)",
        got: `${seen} that can be read ${counts.join(", ")}${sample && `; ${sample.slice(0, 120)} means different options`}`,
        attempt: `${key}: { field: …, form: F } in the mapping, where F is ${meant.join(" or ")}`,
      });
    },
  };
}
