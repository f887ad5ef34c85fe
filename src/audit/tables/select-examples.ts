/** Examples of an audit by how they were answered: which flipped, where one intervention is right and another wrong. */
import { unknownName } from "../../util/index.ts";
import { isRight } from "../record/outcomes.ts";
import type { FoundExample } from "./outcome-rows.ts";

/** What an example must be to be selected; conditions are joined by "and". */
export interface ExampleFilter {
  /** Two interventions: right under exactly one of them. */
  flips?: readonly [string, string] | undefined;
  /** Right, and wrong or unreadable, under each of these. */
  right?: readonly string[] | undefined;
  wrong?: readonly string[] | undefined;
  /** Attributes of the example and their values. */
  where?: Readonly<Record<string, string>> | undefined;
}

/**
 * The interventions that a filter names, each once.
 *
 * @example
 * namedIn({ flips: ["own", "zeros"], right: ["own"] }); // ["own", "zeros"]
 */
export const namedIn = ({ flips, right = [], wrong = [] }: ExampleFilter): string[] => [
  ...new Set([...(flips ?? []), ...right, ...wrong]),
];

/**
 * Whether an example is selected. One that lacks an intervention which the filter names is not.
 *
 * @example
 * const [a, b] = [0, 1].map((choice) => ({ text: "", choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] }));
 * const outcomes = { example: "1", answer: 0, options: ["a", "b"], outcomes: { own: a, zeros: b } };
 * [{ flips: ["own", "zeros"] }, { right: ["zeros"] }].map((filter) => isSelected({ audit: "", outcomes }, filter)); // [true, false]
 */
export function isSelected(
  { outcomes: { answer, outcomes }, question }: FoundExample,
  filter: ExampleFilter,
): boolean {
  const { flips, right = [], wrong = [], where = {} } = filter;
  if (namedIn(filter).some((name) => !Object.hasOwn(outcomes, name))) return false;
  const correct = (name: string): boolean => isRight(outcomes[name]!, answer);
  return (
    (!flips || correct(flips[0]) !== correct(flips[1])) &&
    right.every(correct) &&
    !wrong.some(correct) &&
    Object.entries(where).every(([key, value]) => String(question?.attributes?.[key]) === value)
  );
}

/**
 * Throws "usage" for an intervention of the filter that no example has, with the nearest that some have.
 *
 * @example
 * checkNamed({ right: ["own"] }, new Set(["own"]), "audits/mine");
 */
export function checkNamed(filter: ExampleFilter, known: ReadonlySet<string>, where: string): void {
  for (const name of namedIn(filter))
    if (!known.has(name)) throw unknownName("intervention", name, [...known], { where });
}
