/** Parsers of option values. */
import { InvalidArgumentError } from "commander";

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
    throw new InvalidArgumentError(`Expected an integer of at least ${least}.`);
  };

/**
 * A seed, or "none": commander takes null for an option that was not given.
 *
 * @example
 * seedOrNone("none"); // "none"
 */
export const seedOrNone = (text: string): number | "none" => (text === "none" ? text : whole(0)(text));

/**
 * A positive number.
 *
 * @example
 * positive("1.05"); // 1.05
 */
export function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("Expected a number above 0.");
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
  throw new InvalidArgumentError("Expected a number between 0 and 1.");
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
  throw new InvalidArgumentError("Expected a comma-separated list.");
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
  throw new InvalidArgumentError("Expected KEY=VALUE.");
}
