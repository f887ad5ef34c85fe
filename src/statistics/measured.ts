/**
 * A number that may be impossible to compute. Everything in `statistics/` and `measurements/` answers with it, so that
 * "too few examples" reaches the report as null with a reason and never as 0 or as an interval of no width.
 */
export type Measured<T> = { value: T; reason?: undefined } | { value: null; reason: string };

/**
 * A value that could be computed.
 *
 * @example
 * known(0.5).value; // 0.5
 */
export function known<T>(value: T): Measured<T> {
  return { value };
}

/**
 * A value that could not be computed, and why.
 *
 * @param reason - Ends up in the report beside the dash, so it names counts ("1 example; an interval needs 2").
 *
 * @example
 * unknown("1 example; an interval needs 2").value; // null
 */
export function unknown<T = never>(reason: string): Measured<T> {
  return { value: null, reason };
}

/**
 * `known(value)` for a finite number, otherwise null with the reason that it is not finite.
 *
 * @example
 * finite(0 / 0, "pairwise cosine").reason; // "pairwise cosine is not finite"
 */
export function finite(value: number, what: string): Measured<number> {
  return Number.isFinite(value) ? known(value) : unknown(`${what} is not finite`);
}
