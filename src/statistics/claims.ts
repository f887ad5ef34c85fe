/**
 * The four states of a claim, decided in one place for verdicts, suites and findings. A claim is shown by its test,
 * refuted where the interval excludes it, and undecided in between: absence of proof is never a refutation.
 */

export const states = ["holds", "refuted", "undecided", "not run"] as const;

export type State = (typeof states)[number];

/** A claim that was tested, with its figures in words. */
export interface Shown {
  state: State;
  text: string;
}

type Ends = readonly [number, number];

/**
 * "The first is better than the second", from a test's p-value of no difference.
 *
 * @param difference - First less second.
 *
 * Source: docs/science.md "Statistics" (a superiority is refuted where the interval lies below zero).
 *
 * @example
 * superior(0.1, 0.01); // "holds"
 * superior(0.1, 0.2); // "undecided"
 * superior(-0.1, 0.01); // "refuted"
 */
export function superior(difference: number | null, p: number | null, alpha = 0.05): State {
  if (difference === null || p === null) return "not run";
  if (difference === 0 || !(p < alpha)) return "undecided";
  return difference > 0 ? "holds" : "refuted";
}

/**
 * "The two differ by less than the margin", from two one-sided tests and the interval of the difference.
 *
 * Source: docs/science.md "Statistics" (an equivalence is refuted where the interval lies outside the margin).
 *
 * @example
 * equivalent(true, [-0.01, 0.01], 0.02); // "holds"
 * equivalent(false, [-0.049, 0.049], 0.02); // "undecided"
 * equivalent(false, [0.05, 0.2], 0.02); // "refuted"
 */
export function equivalent(shown: boolean | null, interval: Ends | null, margin: number): State {
  if (shown === null) return "not run";
  if (shown) return "holds";
  return interval !== null && outside(interval, [-margin, margin]) ? "refuted" : "undecided";
}

/**
 * "The value is at least the bar", from the value's interval.
 *
 * @example
 * atLeast([0.9, 0.95], 0.85); // "holds"
 * atLeast([0.8, 0.9], 0.85); // "undecided"
 * atLeast([0.7, 0.8], 0.85); // "refuted"
 */
export function atLeast(interval: Ends | null, bar: number): State {
  if (interval === null) return "not run";
  return interval[0] >= bar ? "holds" : interval[1] < bar ? "refuted" : "undecided";
}

/**
 * "The value is at most the bar", from the value's interval.
 *
 * @example
 * atMost([0.2, 0.3], 0.35); // "holds"
 */
export function atMost(interval: Ends | null, bar: number): State {
  if (interval === null) return "not run";
  return interval[1] <= bar ? "holds" : interval[0] > bar ? "refuted" : "undecided";
}

const outside = ([low, high]: Ends, [from, to]: Ends): boolean => high < from || low > to;

/**
 * All claims together: refuted by one that is, and shown only if each is.
 *
 * @example
 * allOf(["holds", "undecided"]); // "undecided"
 * allOf(["holds", "not run", "refuted"]); // "refuted"
 * allOf([]); // "not run"
 */
export function allOf(claims: readonly State[]): State {
  if (claims.length === 0) return "not run";
  return (["refuted", "not run", "undecided"] as const).find((state) => claims.includes(state)) ?? "holds";
}

/**
 * At least one of the claims: shown by one that is, and refuted only if each is.
 *
 * @example
 * anyOf(["refuted", "holds"]); // "holds"
 * anyOf(["refuted", "undecided"]); // "undecided"
 */
export function anyOf(claims: readonly State[]): State {
  if (claims.length === 0) return "not run";
  return (["holds", "undecided", "not run"] as const).find((state) => claims.includes(state)) ?? "refuted";
}

/**
 * The opposite claim.
 *
 * @example
 * opposite("refuted"); // "holds"
 */
export const opposite = (state: State): State =>
  state === "holds" ? "refuted" : state === "refuted" ? "holds" : state;

/**
 * The state as `holds` in `results.json`: true where it holds, false where it is refuted, null otherwise.
 *
 * @example
 * holdsOf("undecided"); // null
 */
export const holdsOf = (state: State): boolean | null =>
  state === "holds" ? true : state === "refuted" ? false : null;

/**
 * The state of a finding that was written before there was a field for it, when `false` meant "not shown".
 *
 * @example
 * stateOf({ holds: false }); // "undecided"
 */
export const stateOf = ({ state, holds }: { state?: State | undefined; holds: boolean | null }): State =>
  state ?? (holds === null ? "not run" : holds ? "holds" : "undecided");
