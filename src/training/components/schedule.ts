/** A number that changes over a stage. */
export type Curve =
  | { kind: "constant"; value: number }
  /** In a straight line from `from` to `to`, both at the ends of the stage. */
  | { kind: "linear"; from: number; to: number }
  /** `before` up to the share `at` of the stage, `after` from there on. */
  | { kind: "step"; at: number; before: number; after: number };

/**
 * A schedule that stays at one value.
 *
 * @example
 * constant(0.1).value; // 0.1
 */
export const constant = (value: number): Extract<Curve, { kind: "constant" }> => ({
  kind: "constant",
  value,
});

/**
 * Value of a schedule at `progress`, the share of the stage that is done (0 at its first step, 1 at its last).
 *
 * @example
 * valueAt({ kind: "linear", from: 0, to: 1 }, 0.25); // 0.25
 */
export function valueAt(schedule: Curve, progress: number): number {
  switch (schedule.kind) {
    case "constant":
      return schedule.value;
    case "linear":
      return schedule.from + (schedule.to - schedule.from) * progress;
    case "step":
      return progress < schedule.at ? schedule.before : schedule.after;
  }
}
