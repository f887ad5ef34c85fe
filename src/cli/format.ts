/** Formats numbers, durations and tables. */
import { largest, sum } from "../numeric/index.ts";

/**
 * A span of time.
 *
 * @example
 * duration(3725); // "1 h 02 min"
 */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number): string => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/**
 * A number with about three significant digits, thousands apart.
 *
 * @example
 * figure(20251.7); // "20,252"
 */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "?";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

export { bytesText as bytes } from "../util/index.ts";

/**
 * Rows as columns, two spaces apart, one where a line would be longer than `width`; without trailing space.
 *
 * @example
 * columns([["a", "1"], ["long", "2"]]); // "a     1\nlong  2"
 * columns([["a", "1"], ["long", "2"]], 6); // "a    1\nlong 2"
 */
export function columns(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const count = largest(
    rows.map((row) => row.length),
    0,
  );
  const widths = Array.from({ length: count }, (_, i) => largest(rows.map((row) => row[i]?.length ?? 0)));
  const between = sum(widths) + 2 * (count - 1) > width ? " " : "  ";
  return rows
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]!))
        .join(between)
        .trimEnd(),
    )
    .join("\n");
}
