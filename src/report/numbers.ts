/**
 * Numbers on the page. Each has its exact value and its source: `data-at` is a JSON pointer into
 * `results.json` (RFC 6901 §6, URI fragment form, hence plain ASCII whatever the data), `data-from` names the file
 * for numbers that the report itself derives. A test parses every one of them back.
 */
import { figureText as format, type Unit } from "../statistics/index.ts";
import { type Html, html } from "./html.ts";

export { format, type Unit };

/** Position of a number in `results.json`. */
export type Pointer = `#/${string}`;

const NARROW = "\u202f";
export const DASH = "\u2014";

/**
 * A pointer into `results.json`.
 *
 * @example
 * pointer("cells", 0, "id"); // "#/cells/0/id"
 */
export function pointer(...path: (string | number)[]): Pointer {
  const parts = path.map((part) =>
    encodeURIComponent(
      String(part)
        .replaceAll("~", "~0")
        .replaceAll("/", "~1")
        .replace(/\p{Surrogate}/gu, "?"),
    ).replaceAll("'", "%27"),
  );
  return `#/${parts.join("/")}`;
}

/**
 * The text of a tick on an axis of shares.
 *
 * @example
 * percentTick(0.25); // "25\u202f%"
 */
export function percentTick(value: number): string {
  return `${Math.round(value * 100)}${NARROW}%`;
}

/** Source of a number: a position in `results.json`, or the file it was derived from. */
type Source = Pointer | { from: string };

function origin(source: Source): Html {
  return typeof source === "string" ? html`data-at="${source}"` : html`data-from="${source.from}"`;
}

/** A dash with the reason as its tooltip, for a number that could not be computed. */
function absent(source: Source, reason: string | undefined): Html {
  const why = reason ?? "not computed";
  return html`<span class="none" ${origin(source)} title="${why}" aria-label="${`not available: ${why}`}">${DASH}</span>`;
}

/** A number on the page, or a dash with the reason where it is null. */
export function figure(
  value: number | null | undefined,
  unit: Unit,
  source: Source,
  reason?: string,
  bare = false,
): Html {
  if (value === null || value === undefined || !Number.isFinite(value)) return absent(source, reason);
  return html`<data value="${String(value)}" data-unit="${unit}" ${origin(source)}>${format(value, unit, bare)}</data>`;
}

/**
 * The text of an interval: "24.1–29.9", or "−1.2 to +0.8" where signs matter.
 *
 * @example
 * rangeText([0.25, 0.5], "percent"); // "25.0–50.0"
 */
export function rangeText([low, high]: readonly [number, number], unit: Unit): string {
  const joint = unit === "points" ? " to " : "\u2013";
  return format(low, unit, true) + joint + format(high, unit, true);
}

/**
 * An interval on the page, or a dash with the reason where it is null.
 *
 * @example
 * range([0.25, 0.5], "percent", pointer("a")).markup; // '<data value="0.25/0.5"…'
 */
export function range(
  value: readonly [number, number] | null | undefined,
  unit: Unit,
  source: Source,
  reason?: string,
): Html {
  if (!value) return absent(source, reason);
  return html`<data value="${value.join("/")}" data-unit="${unit}" data-range ${origin(source)}>${rangeText(value, unit)}</data>`;
}

/** A number with its source. */
export interface LocatedNumber {
  value: number | null | undefined;
  source: Source;
  reason?: string | undefined;
}

/**
 * The same quantity over several seeds in running text: one number, or smallest and largest.
 *
 * @example
 * spread([{ value: 0.5, source: pointer("a") }, { value: 0.25, source: pointer("b") }], "percent").markup.replace(/<[^>]*>/g, ""); // "25.0–50.0\u202f%"
 */
export function spread(placed: readonly LocatedNumber[], unit: Unit): Html {
  const known = placed.filter((p) => typeof p.value === "number").sort((a, b) => a.value! - b.value!);
  const low = known[0];
  const high = known.at(-1);
  if (!low || !high) {
    const first = placed[0];
    return first ? figure(null, unit, first.source, first.reason) : html`${DASH}`;
  }
  if (format(low.value!, unit) === format(high.value!, unit)) return figure(low.value, unit, low.source);
  return html`<span class="spread">${figure(low.value, unit, low.source, undefined, true)}–${figure(high.value, unit, high.source)}</span>`;
}
