/** Accuracy that is possible without question and input. */

import { countOf, largest, mean } from "../../numeric/index.ts";
import { goodnessOfFit } from "../../statistics/index.ts";
import { chanceOf, type ExampleOutcomes } from "../record/outcomes.ts";
import type { AuditResult } from "../record/schema.ts";

type Balance = NonNullable<AuditResult["balance"]>;

/**
 * Right answers by position. Expected are equal chances among the options that each example has.
 *
 * @param examples - In the order of their ids.
 *
 * @example
 * balanceOf([{ answer: 0, options: ["a", "b"] }, { answer: 1, options: ["a", "b"] }]).counts; // [1, 1]
 */
export function balanceOf(examples: readonly Pick<ExampleOutcomes, "answer" | "options">[]): Balance {
  const most = largest(examples.map(({ options }) => options.length));
  const counts = Array.from({ length: most }, (_, i) => countOf(examples, ({ answer }) => answer === i));
  const shares = counts.map(
    (_, i) =>
      examples.reduce((sum, { options }) => sum + (i < options.length ? 1 / options.length : 0), 0) /
      examples.length,
  );
  const { value, reason } = goodnessOfFit(counts, shares);
  const pairs = examples.length - 1;
  let repeated = 0;
  for (let i = 1; i < examples.length; i++) if (examples[i]!.answer === examples[i - 1]!.answer) repeated++;
  const expected = counts.reduce((sum, count) => sum + count * (count - 1), 0) / (examples.length * pairs);
  return {
    counts,
    p: value?.p ?? null,
    ...(reason === undefined ? {} : { reason }),
    ...(pairs > 0 && { repeats: { share: repeated / pairs, expected } }),
  };
}

/**
 * Share that the best known reader of the options alone gets.
 *
 * @example
 * const options = ["a", "b", "c", "d"];
 * const examples = [{ answer: 0, options, chance: 1 / 3 }];
 * optionsOnlyOf(examples, balanceOf(examples)).rate; // 1 / 3
 */
export function optionsOnlyOf(
  examples: readonly Pick<ExampleOutcomes, "answer" | "options" | "chance">[],
  { counts, p }: Balance,
): NonNullable<AuditResult["optionsOnly"]> {
  const known = mean(examples.map(chanceOf));
  const guessing = mean(examples.map(({ options }) => 1 / options.length));
  const reader = known > guessing + 1e-9 ? "what the options give away by themselves" : "any option";
  const most = Math.max(...counts);
  const always = most / examples.length;
  // The most frequent of equally frequent positions is no reader: its accuracy is chance in this split.
  if (p !== null && p < 0.05 && always > known)
    return { rate: always, reader: `always position ${counts.indexOf(most) + 1}` };
  return { rate: known, reader };
}
