/** The options of a record, with the letters that name them. */
import { LintelError, type Random } from "../../util/index.ts";
import { fewItems, shortText } from "./budget.ts";
import { type Literal, literalOf, looksListed } from "./literal.ts";
import type { Mapping } from "./schema.ts";
import { held, isRecord, select } from "./select.ts";

/** One option: its letter and its text. */
export interface MappedOption {
  /** "A", "B", … by its place, empty places counted. */
  label: string;
  /** Its place, empty ones counted, from 0: what an answer by index means. */
  place: number;
  text: string;
}

/** "B. red", "(B) red", "B.red"; neither "B.C." nor "1.5". */
const prefix = /^\(?([A-Za-z])(?:[).:]\s+|\)(?=\S)|\.(?=[^\s\d])(?![A-Za-z]\.))/;
/** As many options have letters. */
export const mostOptions = 26;

/** The letter of a place. */
export const letterOf = (place: number): string => String.fromCharCode(65 + place);

const placeOf = (letter: string): number => letter.toLowerCase().charCodeAt(0) - 97;

/** An option's text without its letter. */
export const withoutLetter = (text: string): string => text.trim().replace(prefix, "");

/** Instructions behind the last option, which are no part of it. */
const instruction = /\b(?:answer|respond|reply|choose|select|pick|options?|letters?)\b/i;

/** A text without space at its ends on one line; in linear time. */
const onOneLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");

/**
 * Options within a text: "(A) red (B) blue", or lines "A. red". The text before them is the question. Marks that are not
 * next in order ("vitamin (A)") belong to the text. Lines behind the last option are instructions and left out.
 */
export function optionsInText(text: string): {
  options: string[];
  before: string;
  behind: string;
  /** Another list of options begins behind the first mark: examples before the question, or marks within it. */
  several: boolean;
} {
  const inOrder = (found: readonly RegExpExecArray[]): RegExpExecArray[] => {
    const kept: RegExpExecArray[] = [];
    for (const mark of found) if (placeOf(mark[1]!) === kept.length) kept.push(mark);
    return kept;
  };
  const inBrackets = [...text.matchAll(/\(([A-Za-z])\)\s*/g)];
  const onLines = [...text.matchAll(/^[^\S\r\n\u2028\u2029]*([A-Za-z])[.:)]\s+/gm)];
  const [marks, lines] = [inOrder(inBrackets), inOrder(onLines)];
  const found = marks.length >= 2 ? marks : lines.length >= 2 ? lines : [];
  const all = found === marks ? inBrackets : onLines;
  // "(C) both (A) and (B)" goes on within an option: only a later A that is not the last option's is another beginning.
  const later = all.findIndex((mark) => placeOf(mark[1]!) === 0 && mark.index > (found[0]?.index ?? 0));
  const several =
    later >= 0 &&
    inOrder(all.slice(later)).length >= 2 &&
    (found === lines || inOrder(all.slice(later)).length >= found.length);
  let behind = "";
  const options = found.map((mark, i) => {
    const next = found[i + 1];
    const whole = text.slice(mark.index + mark[0].length, next?.index).trim();
    if (next) return onOneLine(whole);
    const [line = "", ...rest] = whole.split("\n");
    behind = rest.join("\n").trim();
    return line.trim();
  });
  // Who lists options writes "Options:" again.
  const before =
    found.length > 0
      ? text
          .slice(0, found[0]!.index)
          .trim()
          .replace(/\b(?:options|choices):$/i, "")
          .trimEnd()
      : text;
  // "(A) red, (B) blue, (C) green": the comma is the list's.
  const listed = options.slice(0, -1);
  if (listed.length > 0 && listed.every((each) => /[^,;][,;]$/.test(each)))
    for (const [i, each] of listed.entries()) options[i] = each.slice(0, -1);
  return { options, before, behind, several };
}

const wrong = (where: string, expected: string, got: string, attempt?: string): LintelError =>
  new LintelError("dataset", { where, expected, got, ...(attempt && { attempt }) });

/** Values that are no option: a hole in the list. */
const empty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "string" && value.trim() === "");

/** Whether the cell of an option is what pandas writes for an empty one. */
export const saysEmpty = (cell: unknown): boolean => typeof cell === "string" && /^\s*nan\s*$/i.test(cell);

const keysOfLabel = ["label", "key", "letter", "id"];
const keysOfText = ["text", "value", "content", "option"];

type Labeled = { label: string | null; text: unknown };

/** The options of one value: a list's text, a dictionary by letters, {label, text} records, or itself. */
function unfolded(value: unknown, where: string): Labeled[] {
  if (isRecord(value)) {
    const keys = fewItems(Object.keys(value), "options", where);
    if (keys.length > 0 && keys.every((key) => /^[A-Za-z]$/.test(key)))
      return keys.map((key) => ({ label: key.toUpperCase(), text: value[key] }));
    const [label, text] = [keysOfLabel, keysOfText].map((names) => names.find((name) => keys.includes(name)));
    if (label !== undefined && text !== undefined) {
      const [labels, texts] = [value[label], value[text]];
      if (Array.isArray(labels) && Array.isArray(texts) && labels.length === texts.length)
        return fewItems(labels, "options", where).map((each, i) => ({
          label: letterLabel(each),
          text: texts[i],
        }));
      if (!Array.isArray(labels) && !Array.isArray(texts))
        return [{ label: letterLabel(labels), text: texts }];
    }
    throw wrong(
      where,
      "options as texts, by letters, or with label and text",
      `fields ${keys.slice(0, 8).join(", ")}`,
      "a path that leads to the texts",
    );
  }
  return [{ label: null, text: value }];
}

/** "A" of a label that is a letter; a number is a place, which the list's order says already. */
const letterLabel = (label: unknown): string | null =>
  typeof label === "string" && /^\(?[A-Za-z][).:]?$/.test(label.trim())
    ? label
        .trim()
        .replace(/[^A-Za-z]/g, "")
        .toUpperCase()
    : null;

/** Values at a path; the only one may be a list or a dictionary as text. */
function valuesAt(record: unknown, path: string, where: string): unknown[] {
  const values = held(record, path).map(({ value }) => value);
  const [only] = values;
  if (values.length !== 1 || typeof only !== "string") return values.flat(8);
  shortText(only, `options in ${path}`, where);
  const mayBe = /^\s*(?:\(|array\()[\s\S]*\)\s*$/.test(only);
  const listed = looksListed(only) || /^\s*\{[\s\S]*\}\s*$/.test(only);
  if (!listed && !mayBe) return values;
  const read: Literal | undefined = literalOf(only);
  // "(A) red (B) blue (dark)" is no tuple.
  if (mayBe && !Array.isArray(read)) return values;
  if (read === undefined)
    throw wrong(where, `a list in ${path}, as JSON or Python writes it`, JSON.stringify(only.slice(0, 80)));
  return Array.isArray(read) ? read.flat(8) : [read];
}

/** Whether texts all begin with letters, and with which: in order, with holes, or not in order. */
function lettersOf(texts: readonly string[]): "none" | "in order" | "not in order" {
  const places = texts.map((text) => {
    const letter = prefix.exec(text)?.[1];
    return letter === undefined ? -1 : placeOf(letter);
  });
  if (places.length === 0 || places.includes(-1)) return "none";
  const rising = places[0] === 0 && places.every((place, i) => i === 0 || place > places[i - 1]!);
  if (rising && places.at(-1)! < 2 * places.length) return "in order";
  // Initials of names ("J. Smith") are no letters of options; all of A … n in another order are.
  const all = new Set(places);
  const permuted =
    all.size === places.length && places.length > 2 && Math.max(...places) === places.length - 1;
  return permuted ? "not in order" : "none";
}

function labeled(values: readonly Labeled[], where: string): MappedOption[] {
  fewItems(values, "options", where);
  const options = values.flatMap(({ label, text }, place) => {
    if (empty(text)) return [];
    if (typeof text === "object") throw wrong(where, "options as texts", JSON.stringify(text)?.slice(0, 80));
    return [{ label, place, text: String(text).trim() }];
  });
  const own = options.every(({ label }) => label !== null);
  const letters = own ? "none" : lettersOf(options.map(({ text }) => text));
  if (letters === "not in order")
    throw wrong(
      where,
      "options whose letters are in order",
      options
        .map(({ text }) => text)
        .join(" | ")
        .slice(0, 80),
    );
  const named = options.map(({ label, place, text }): MappedOption => {
    if (letters !== "in order") return { label: label ?? letterOf(place), place, text };
    const at = placeOf(prefix.exec(text)![1]!);
    return { label: letterOf(at), place: Math.max(place, at), text: withoutLetter(text) };
  });
  const twice = named.find(({ label }, i) => named.findIndex((each) => each.label === label) < i);
  if (twice) throw wrong(where, "each letter once", `${twice.label} twice`);
  return named;
}

/**
 * The options that a record itself holds, without empty ones, whose places are counted: where B is empty, the next is C.
 *
 * Errors: "dataset" for fewer than two, and for lists that cannot be read.
 */
export function optionsOf(
  record: unknown,
  source: Exclude<Mapping["options"], { fromAnswers: number }>,
  where: string,
): MappedOption[] {
  const plain = (texts: readonly unknown[]): Labeled[] => texts.map((text) => ({ label: null, text }));
  let found: MappedOption[];
  if (typeof source === "string") {
    found = labeled(
      fewItems(valuesAt(record, source, where), "options", where).flatMap((value) => unfolded(value, where)),
      where,
    );
  } else if ("values" in source) found = labeled(plain(source.values), where);
  else if ("fields" in source) {
    const values = source.fields.map((field): Labeled => {
      const inside = held(record, field).map(({ value }) => value);
      if (inside.length > 1) throw wrong(where, `one option in ${field}`, `${inside.length}`);
      const [text] = inside;
      return { label: /^[A-Z]$/.test(field) ? field : null, text: saysEmpty(text) ? null : text };
    });
    found = labeled(values, where);
  } else {
    const text = shortText(select(record, source.inText).join("\n"), `a text in ${source.inText}`, where);
    const { options, behind, several } = optionsInText(text);
    if (several)
      throw wrong(
        where,
        "one list of options in the text",
        `two that begin with A in ${JSON.stringify(text.slice(0, 80))}`,
      );
    if (behind !== "" && !instruction.test(behind))
      throw wrong(where, "nothing behind the last option", JSON.stringify(behind.slice(0, 60)));
    found = options.map((each, place) => ({ label: letterOf(place), place, text: each }));
  }
  if (found.length < 2)
    throw wrong(where, "at least two options", found.length === 0 ? "none" : JSON.stringify(found[0]!.text));
  return found;
}

/** Options for an open answer: it and those answers of other examples that fit, in random order. */
export function drawnOptions(
  right: string,
  pool: readonly string[],
  count: number,
  r: Random,
  fits: (other: string) => boolean = () => true,
): string[] {
  const others = r.shuffled(pool.filter((each) => each !== right && fits(each))).slice(0, count - 1);
  return r.shuffled([right, ...others]);
}
