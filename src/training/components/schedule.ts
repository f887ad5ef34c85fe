/** Numbers that change over a stage. */
import { z } from "zod";

export const curveSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant"), value: z.number() }),
  /** A straight line from `from` at the start of the stage to `to` at its end. */
  z.strictObject({ kind: z.literal("linear"), from: z.number(), to: z.number() }),
  /** `before` up to the fraction `at` of the stage, `after` from there on. */
  z.strictObject({
    kind: z.literal("step"),
    at: z.number().min(0).max(1),
    before: z.number(),
    after: z.number(),
  }),
]);

export type Curve = z.infer<typeof curveSchema>;

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
 * Value of a schedule at `progress` through the stage (0 at its first step, 1 at its last).
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
