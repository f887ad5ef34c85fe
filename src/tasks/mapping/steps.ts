/** Reasoning with helper images between its pieces, as records tell it step by step. */

import { fewItems } from "./budget.ts";
import type { Mapping, Steps } from "./schema.ts";
import { select } from "./select.ts";

/** The steps of a mapping's helpers; null where helpers are specified otherwise. */
export const stepsOf = ({ helpers }: Pick<Mapping, "helpers">): Steps | null =>
  typeof helpers === "object" && "steps" in helpers ? helpers : null;

/** What names the helper images, step by step. */
export const helperValues = (record: unknown, { steps, image }: Steps, where = "record"): unknown[] =>
  fewItems(select(record, steps), "steps", where).flatMap((step) => select(step, image).slice(0, 1));

/** The texts before, between and after the helpers, one more than there are helpers; texts in a row are one. */
export function reasoningOf(record: unknown, { steps, text, image }: Steps): string[] {
  const pieces = [""];
  for (const step of select(record, steps)) {
    if (select(step, image).length > 0) pieces.push("");
    else pieces[pieces.length - 1] += select(step, text).join("");
  }
  return pieces;
}
