/** Parsers of option values. */
import { InvalidArgumentError } from "commander";
import { MOST_SEEDS } from "../util/index.ts";

/**
 * A parser of integers of at least `least`.
 *
 * @example
 * whole(1)("12"); // 12
 */
export const whole =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`an integer of at least ${least}`);
  };

/**
 * A seed, or "none": commander takes null for an option that was not given.
 *
 * @example
 * seedOrNone("none"); // "none"
 */
export const seedOrNone = (text: string): number | "none" => (text === "none" ? text : whole(0)(text));

/**
 * Seeds: how many, a range with both ends, or a list.
 *
 * @example
 * seeds("10..12"); // [10, 11, 12]
 * seeds("3"); // 3
 */
export function seeds(text: string): number | number[] {
  const fault = (expected: string): InvalidArgumentError => new InvalidArgumentError(`Expected ${expected}.`);
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined) {
    if (!text.includes(",")) return whole(1)(text);
    const list = names(text).map(whole(0));
    if (new Set(list).size < list.length) throw fault("each seed once");
    return list;
  }
  const from = whole(0)(first);
  const length = whole(0)(last!) - from + 1;
  if (length < 1 || length > MOST_SEEDS) throw fault(`a range of 1 to ${MOST_SEEDS} seeds, the lower first`);
  return Array.from({ length }, (_, i) => from + i);
}

/**
 * A positive number.
 *
 * @example
 * positive("1.05"); // 1.05
 */
export function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("a number above 0");
}

/**
 * A number between 0 and 1, both excluded.
 *
 * @example
 * shareBetween("0.1"); // 0.1
 */
export function shareBetween(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number > 0 && number < 1) return number;
  throw new InvalidArgumentError("a number between 0 and 1");
}

/**
 * Comma-separated names.
 *
 * @example
 * names("own, oracle"); // ["own", "oracle"]
 */
export function names(text: string): string[] {
  const list = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (list.length > 0) return list;
  throw new InvalidArgumentError("a comma-separated list");
}

/**
 * Comma-separated names, some with values in parentheses.
 *
 * @example
 * namesWithValues("own, blend(a=0.5),mine.json"); // ["own", "blend(a=0.5)", "mine.json"]
 */
export const namesWithValues = (text: string): string[] =>
  names(text.replace(/\([^)]*\)/g, (values) => values.replaceAll(",", "\0"))).map((name) =>
    name.replaceAll("\0", ","),
  );

/**
 * Collects the `KEY=VALUE` arguments of a repeated option.
 *
 * @example
 * pairs("mem_gb=8", { timeout_min: "60" }); // { timeout_min: "60", mem_gb: "8" }
 */
export function pairs(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError("KEY=VALUE");
}

/**
 * A command line without some options that take a value.
 *
 * @example
 * withoutOptions(["audit", "--out", "a", "--shards=4", "--limit", "8"], ["--out", "--shards"]); // ["audit", "--limit", "8"]
 */
export function withoutOptions(argv: readonly string[], names: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (names.includes(argv[i]!)) i++;
    else if (!names.some((name) => argv[i]!.startsWith(`${name}=`))) kept.push(argv[i]!);
  }
  return kept;
}
