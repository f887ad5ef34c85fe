import { LintelError, type Random } from "../../util/index.ts";
import { type PlanMap, shortestPlan } from "../plan.ts";
import type { Mapping } from "./schema.ts";
import { select } from "./select.ts";

const prefix = /^\(?([A-Za-z])[).:]\s+/;
const clean = (text: string): string => text.trim().replace(prefix, "");

/** Options within a text: "(A) red (B) blue", or lines "A. red". The text before them is the question. */
export function optionsInText(text: string): { options: string[]; before: string } {
  const marks = [...text.matchAll(/\(([A-Za-z])\)\s*/g)];
  const lines = [...text.matchAll(/^\s*([A-Za-z])[.:)]\s+/gm)];
  const found = marks.length >= 2 ? marks : lines;
  const options: string[] = [];
  for (const [i, mark] of found.entries()) {
    // Letters in order only: an "(a)" within the question is none.
    if (mark[1]!.toLowerCase().charCodeAt(0) - 97 !== options.length) break;
    const end = found[i + 1]?.index ?? text.length;
    const [line = ""] = text
      .slice(mark.index + mark[0].length, end)
      .trim()
      .split("\n");
    options.push(line.trim());
  }
  return { options, before: options.length > 0 ? text.slice(0, found[0]!.index).trim() : text };
}

/** The map of a record whose answer is a plan; null where answers are told otherwise. */
export function mapOf(record: unknown, answer: Mapping["answer"], where: string): PlanMap | null {
  if (typeof answer === "string" || !("map" in answer)) return null;
  // `select` makes one list of nested ones.
  const held = answer.map
    .split(".")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], record);
  const rows = typeof held === "string" ? parsedMap(held) : held;
  const good =
    Array.isArray(rows) &&
    rows.length > 0 &&
    rows.every((row) => Array.isArray(row) && row.length === (rows[0] as unknown[]).length);
  const map = good ? (rows as unknown[][]).map((row) => row.map(Number)) : [];
  if (good && shortestPlan(map) !== null) return map;
  throw new LintelError("dataset", {
    where,
    expected: `a map in ${answer.map} whose goal (2) can be reached from its start (1)`,
    got: held === undefined ? "nothing" : JSON.stringify(held)?.slice(0, 80),
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

/** The raw answer of a record: text or number; of a map the shortest plan. */
export function rawAnswer(record: unknown, answer: Mapping["answer"], where: string): string | number {
  const map = mapOf(record, answer, where);
  if (map) return shortestPlan(map)!;
  if (typeof answer !== "string" && "map" in answer) return "";
  const { field, pattern } = typeof answer === "string" ? { field: answer, pattern: undefined } : answer;
  const values = select(record, field);
  const value = values.length > 1 ? values.join("\n") : values[0];
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return value;
  if (typeof value !== "string") {
    throw new LintelError("dataset", {
      where,
      expected: `an answer in ${field}`,
      got: value === undefined ? "nothing" : typeof value,
    });
  }
  if (!pattern) return value.trim();
  const found = [...value.matchAll(new RegExp(pattern, "g"))].at(-1)?.[1];
  if (found !== undefined) return found.trim();
  throw new LintelError("dataset", {
    where,
    expected: `an answer like ${pattern} in ${field}`,
    got: JSON.stringify(value.slice(-60)),
  });
}

/** Index of the right one among the options. */
export function answerIndex(
  raw: string | number,
  options: readonly string[],
  form: "letter" | "index" | "text" | undefined,
  where: string,
): number {
  const tell = (index: number): number | null => (index >= 0 && index < options.length ? index : null);
  const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
  const text = String(raw);
  const byText = (): number | null =>
    tell(options.findIndex((option) => same(option, text) || same(option, clean(text))));
  const byLetter = (): number | null => {
    const letter = /^\(?([A-Za-z])\)?(?:[.:)]|$|\s)/.exec(text)?.[1];
    return letter ? tell(letter.toLowerCase().charCodeAt(0) - 97) : null;
  };
  const byIndex = (): number | null => (/^\d+$/.test(text) ? tell(Number(text)) : null);
  const tries = { letter: [byLetter], index: [byIndex], text: [byText] };
  const all = form ? tries[form] : typeof raw === "number" ? [byIndex] : [byText, byLetter, byIndex];
  for (const attempt of all) {
    const index = attempt();
    if (index !== null) return index;
  }
  throw new LintelError("dataset", {
    where,
    expected: `an answer that is one of ${options.map((option) => JSON.stringify(option)).join(", ")}`,
    got: JSON.stringify(raw),
  });
}

/** The options that a record itself holds, as texts, without their letters where each has its own. */
export function optionTexts(values: readonly unknown[]): string[] {
  const texts = values.map((value) => String(value).trim());
  const lettered = texts.every((text, i) => prefix.exec(text)?.[1]?.toLowerCase().charCodeAt(0) === 97 + i);
  return lettered ? texts.map(clean) : texts;
}

/** Options for an open answer: it and those answers of other examples that fit, in random order. */
export function drawnOptions(
  right: string,
  pool: readonly string[],
  count: number,
  r: Random,
  fits: (other: string) => boolean = () => true,
): { options: string[]; answer: number } {
  const others = r.shuffled(pool.filter((each) => each !== right && fits(each))).slice(0, count - 1);
  const options = r.shuffled([right, ...others]);
  return { options, answer: options.indexOf(right) };
}
