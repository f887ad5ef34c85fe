/** Scores of a benchmark by attribute value, such as BLINK's subtasks and V*'s categories. */

import { wilson } from "../../statistics/index.ts";
import type { Example } from "../../tasks/index.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { Slices } from "../record/schema.ts";

/** More parts than these are no parts. */
const MOST = 30;

/**
 * Values of attributes and the positions of the examples that have them. Attributes with one value, with another for nearly
 * every example, or with more than 30 are left out.
 *
 * @example
 * attributeParts([0, 1, 2, 3].map((i) => ({ attributes: { kind: i % 2 ? "x" : "y" } }))).get("kind").get("y"); // [0, 2]
 */
export function attributeParts(
  examples: readonly Pick<Example, "attributes">[],
): Map<string, Map<string, number[]>> {
  const attributes = [...new Set(examples.flatMap((example) => Object.keys(example.attributes)))];
  const found = new Map<string, Map<string, number[]>>();
  for (const attribute of attributes) {
    const parts = new Map<string, number[]>();
    for (const [i, example] of examples.entries()) {
      const value = String(example.attributes[attribute] ?? "–");
      const part = parts.get(value);
      if (part) part.push(i);
      else parts.set(value, [i]);
    }
    if (parts.size < 2 || parts.size > MOST || parts.size > examples.length / 2) continue;
    found.set(attribute, new Map([...parts].sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return found;
}

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
  const slices: Slices = {};
  for (const [attribute, parts] of attributeParts(examples)) {
    const table: Slices[string] = {};
    for (const [value, places] of parts) {
      const part = places.map((i) => examples[i]!);
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
