/** Accuracy by exact and lenient scoring, and of groups of which every example must be right. */

import { clustersOf, proportionInterval, shareInterval, wilson } from "../../statistics/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { InterventionResult, Score } from "../record/schema.ts";
import { disagreementOf } from "./reader-agreement.ts";

/** One example under one intervention. */
type ScoredRow = Pick<ExampleOutcomes, "answer" | "images" | "group"> & { outcome: Outcome };

const leniently = ({ outcome, ...row }: ScoredRow): ScoredRow => ({
  ...row,
  outcome: { ...outcome, choice: outcome.lenient ?? null },
});

function scoreOf(rows: readonly ScoredRow[], alpha: number): Score {
  const right = rows.map(({ outcome, answer }) => isRight(outcome, answer));
  const { value, reason } = shareInterval(right, clustersOf(rows), alpha);
  return {
    accuracy: right.filter(Boolean).length / rows.length,
    interval: value,
    wilson: wilson(right.filter(Boolean).length, rows.length, alpha).value,
    answered: rows.filter(({ outcome }) => outcome.choice !== null).length / rows.length,
    ...(reason !== undefined && { reason }),
  };
}

/** Groups of two and more; those that are answered as a whole, and those that are right as a whole. */
function groupScore(rows: readonly ScoredRow[], alpha: number): (Score & { n: number }) | null {
  const groups = new Map<string, ScoredRow[]>();
  for (const row of rows)
    if (row.group !== undefined) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  const whole = [...groups.values()].filter((group) => group.length > 1);
  if (whole.length === 0) return null;
  const right = whole.filter((group) =>
    group.every(({ outcome, answer }) => isRight(outcome, answer)),
  ).length;
  const answered = whole.filter((group) => group.every(({ outcome }) => outcome.choice !== null)).length;
  const { value, reason } = proportionInterval(right, whole.length, alpha);
  return {
    n: whole.length,
    accuracy: right / whole.length,
    interval: value,
    wilson: wilson(right, whole.length, alpha).value,
    answered: answered / whole.length,
    ...(reason !== undefined && { reason }),
  };
}

/**
 * What stands beside `accuracy`: lenient scoring, how often it reads otherwise, and groups under both. Empty where outcomes have neither.
 *
 * @example
 * const outcome = { text: "", choice: null, lenient: 1, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * otherScores([{ answer: 1, outcome }], 0.05).lenient.accuracy; // 1
 */
export function otherScores(
  rows: readonly ScoredRow[],
  alpha: number,
): Pick<InterventionResult, "wilson" | "lenient" | "disagreement" | "groups"> {
  const both = rows.every(({ outcome }) => outcome.lenient !== undefined);
  const lenient = rows.map(leniently);
  const groups = groupScore(rows, alpha);
  const lenientGroups = both ? groupScore(lenient, alpha) : null;
  const right = rows.filter(({ outcome, answer }) => isRight(outcome, answer)).length;
  const disagreement = disagreementOf(rows.map(({ outcome }) => outcome));
  return {
    ...((both || groups) && { wilson: wilson(right, rows.length, alpha).value }),
    ...(both && { lenient: scoreOf(lenient, alpha) }),
    ...(disagreement && { disagreement }),
    ...(groups && { groups: { ...groups, ...(lenientGroups && { lenient: withoutCount(lenientGroups) }) } }),
  };
}

const withoutCount = ({ n: _, ...score }: Score & { n: number }): Score => score;
