/** Formats numbers for the sentences of verdicts and findings. */
import type { Interval } from "./wilson.ts";

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * A share, in percent with one decimal.
 *
 * @example
 * share(0.853); // "85.3 %"
 */
export function share(value: number): string {
  return `${fixed(100 * value, 1)} %`;
}

/**
 * A share with its interval.
 *
 * @example
 * shareWithin(0.25, [0.2, 0.3]); // "25.0 % [20.0, 30.0]"
 */
export function shareWithin(value: number, interval: Readonly<Interval> | null): string {
  return interval === null
    ? share(value)
    : `${share(value)} [${fixed(100 * interval[0], 1)}, ${fixed(100 * interval[1], 1)}]`;
}

/**
 * A difference of shares, signed, in points with one decimal.
 *
 * @example
 * points(-0.031); // "−3.1 points"
 */
export function points(value: number): string {
  const text = fixed(100 * value, 1);
  return `${value > 0 && Number(text) !== 0 ? "+" : ""}${text} points`;
}

/**
 * A difference with its interval.
 *
 * @example
 * pointsWithin(0.031, [0.01, 0.05]); // "+3.1 points [1.0, 5.0]"
 */
export function pointsWithin(value: number, interval: Readonly<Interval> | null): string {
  return interval === null
    ? points(value)
    : `${points(value)} [${fixed(100 * interval[0], 1)}, ${fixed(100 * interval[1], 1)}]`;
}

/**
 * A share of a gap with its interval; an end that is not bounded is infinite.
 *
 * @example
 * gapWithin(0.62, [0.55, null]); // "62.0 % [55.0, ∞]"
 */
export function gapWithin(value: number, [low, high]: readonly [number | null, number | null]): string {
  const end = (limit: number | null, none: string): string => (limit === null ? none : fixed(100 * limit, 1));
  return `${share(value)} [${end(low, "−∞")}, ${end(high, "∞")}]`;
}

/**
 * A p-value as an equation; never "p = 0".
 *
 * @example
 * pEquals(0.0321); // "p = 0.032"
 * pEquals(3.2e-15); // "p = 3e-15"
 */
export function pEquals(p: number): string {
  if (p >= 0.001) return `p = ${p.toPrecision(2)}`;
  return p < 1e-300 ? "p < 1e-300" : `p = ${p.toExponential(0)}`;
}

/**
 * A number with commas between thousands.
 *
 * @example
 * count(1353); // "1,353"
 */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * A sentence as a page shows it: its numbers as in the page's tables, with narrow spaces, and none broken between lines.
 *
 * @example
 * typeset("85.3 %, n = 1,500, p = 4e-9"); // "85.3\u202f%, n\u00a0=\u00a01\u202f500, p\u00a0=\u00a04e−9"
 */
export function typeset(text: string): string {
  return text
    .replace(/(\d) %/g, "$1\u202f%")
    .replace(/(\d),(?=\d{3}(?!\d))/g, "$1\u202f")
    .replace(/(\de)-(?=\d)/g, "$1−")
    .replace(/\b([np]) ([=<]) (?=\d)/g, "$1\u00a0$2\u00a0");
}

/** How a number of a page is written: in tables, charts and captions of reports and of the explorer alike. */
export type Unit =
  | "percent" // a share: 0.9731 → "97.3 %"
  | "points" // a difference of shares, signed: −0.0123 → "−1.2"
  | "p" // a p-value: 0.0341 → "0.034", below 0.001 → "< 0.001"
  | "decimal" // three decimals
  | "tenth" // one decimal
  | "count" // an integer with thin spaces
  | "seconds"; // 75.2 → "1 min 15 s"

const NARROW = "\u202f";

const grouped = (value: number): string => fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, NARROW);

/**
 * The text of a number in a unit, with spaces that do not break; `bare` leaves the percent sign off.
 *
 * @example
 * figureText(0.9731, "percent"); // "97.3\u202f%"
 * figureText(75.2, "seconds"); // "1\u202fmin 15\u202fs"
 */
export function figureText(value: number, unit: Unit, bare = false): string {
  switch (unit) {
    case "percent":
      return fixed(value * 100, 1) + (bare ? "" : `${NARROW}%`);
    case "points": {
      const text = fixed(value * 100, 1);
      return value > 0 && Number(text) !== 0 ? `+${text}` : text;
    }
    case "p":
      return value < 0.001 ? `<${NARROW}0.001` : fixed(value, 3);
    case "decimal":
      return fixed(value, 3);
    case "tenth":
      return fixed(value, 1);
    case "count":
      return grouped(value);
    case "seconds": {
      if (value < 10) return `${fixed(value, 1)}${NARROW}s`;
      const whole = Math.round(value);
      const minutes = Math.floor(whole / 60);
      const rest = `${whole % 60}${NARROW}s`;
      return minutes > 0 ? `${grouped(minutes)}${NARROW}min ${rest}` : rest;
    }
  }
}
