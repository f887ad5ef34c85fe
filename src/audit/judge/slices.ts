/** Scores of a benchmark by attribute value, such as BLINK's subtasks and V*'s categories. */

import { wilson } from "../../statistics/index.ts";
import type { Example } from "../../tasks/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { Slices } from "../record/schema.ts";

/** More parts than these are no parts. */
const MOST = 30;

/**
 * Accuracies by attribute, value and intervention. Attributes with one value, with another for nearly every example, or
 * with more than 30 are left out.
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const examples = [0, 1, 2, 3].map((i) => ({ id: `${i}`, answer: i % 2, attributes: { kind: i % 2 ? "x" : "y" } }));
 * const outcomes = examples.map(({ id }) => ({ example: id, outcomes: { own: answer } }));
 * slicesOf(examples, outcomes, ["own"], 0.05).kind.y.own.accuracy; // 1
 */
export function slicesOf(
  examples: readonly Pick<Example, "id" | "answer" | "attributes">[],
  outcomes: readonly Pick<ExampleOutcomes, "example" | "outcomes">[],
  names: readonly string[],
  alpha: number,
): Slices {
  const byId = new Map(outcomes.map((each) => [each.example, each.outcomes]));
  const attributes = [...new Set(examples.flatMap((example) => Object.keys(example.attributes)))];
  const slices: Slices = {};
  for (const attribute of attributes) {
    const parts = new Map<string, typeof examples>();
    for (const example of examples) {
      const value = String(example.attributes[attribute] ?? "–");
      parts.set(value, [...(parts.get(value) ?? []), example]);
    }
    if (parts.size < 2 || parts.size > MOST || parts.size > examples.length / 2) continue;
    const table: Slices[string] = {};
    for (const [value, part] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const row: Slices[string][string] = {};
      for (const name of names) {
        const scored = part.flatMap(({ id, answer }) => {
          const outcome = byId.get(id)?.[name];
          return outcome ? [{ outcome, answer }] : [];
        });
        if (scored.length === 0) continue;
        const right = scored.filter(({ outcome, answer }) => isRight(outcome, answer)).length;
        const lenient = scored.filter(({ outcome, answer }) => outcome.lenient === answer).length;
        const both = scored.every(({ outcome }) => outcome.lenient !== undefined);
        row[name] = {
          n: scored.length,
          accuracy: right / scored.length,
          wilson: wilson(right, scored.length, alpha).value,
          ...(both && { lenient: lenient / scored.length }),
        };
      }
      table[value] = row;
    }
    slices[attribute] = table;
  }
  return slices;
}
