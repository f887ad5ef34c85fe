/** Outcomes as a flat table: one row for each example and intervention. */
import type { Columns, ColumnValue } from "../../formats/index.ts";
import { type ExampleOutcomes, isRight } from "../record/outcomes.ts";
import type { Question } from "./questions-file.ts";

/** One example of one audit with its question. */
export interface FoundExample {
  /** Name of the audit: its path in the run, or the name of its directory. */
  audit: string;
  outcomes: ExampleOutcomes;
  question?: Question;
}

/** Columns of the table. Options are texts; `…Index` are positions in `options`, from 0. */
export const outcomeColumns = {
  audit: "string",
  example: "string",
  intervention: "string",
  correct: "bool",
  answer: "string",
  choice: "string",
  lenient: "string",
  answerIndex: "int32",
  choiceIndex: "int32",
  target: "string",
  text: "string",
  finish: "string",
  blocks: "int32",
  steps: "int32",
  options: { list: "string" },
  logProbabilities: { list: "float64" },
  question: "string",
  attributes: "string",
  group: "string",
} as const satisfies Columns;

export type OutcomeRow = Record<keyof typeof outcomeColumns, ColumnValue>;

/**
 * The rows of an example, one for each of the interventions that it has.
 *
 * @param names - Interventions in the order wanted; default: all.
 *
 * @example
 * const own = { text: "b", choice: 1, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = { example: "1", answer: 0, options: ["a", "b"], outcomes: { own } };
 * outcomeRows({ audit: "mine", outcomes })[0].choice; // "b"
 */
export function outcomeRows(
  { audit, outcomes: found, question }: FoundExample,
  names: readonly string[] = Object.keys(found.outcomes),
): OutcomeRow[] {
  const { example, answer, options, outcomes, group } = found;
  const option = (index: number | null | undefined): string | null =>
    index === null || index === undefined ? null : (options[index] ?? null);
  return names.flatMap((intervention) => {
    const outcome = Object.hasOwn(outcomes, intervention) ? outcomes[intervention] : undefined;
    if (!outcome) return [];
    const { text, choice, lenient, target, finish, blocks, steps, optionLogProbabilities } = outcome;
    return [
      {
        audit,
        example,
        intervention,
        correct: isRight(outcome, answer),
        answer: option(answer),
        choice: option(choice),
        lenient: option(lenient),
        answerIndex: answer,
        choiceIndex: choice,
        target: option(target),
        text,
        finish: finish ?? null,
        blocks,
        steps,
        options,
        logProbabilities: optionLogProbabilities,
        question: question?.question ?? null,
        attributes: question?.attributes ? JSON.stringify(question.attributes) : null,
        group: group ?? null,
      },
    ];
  });
}
