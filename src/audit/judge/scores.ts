/** Accuracy by exact and lenient scoring, and of groups of which every example must be right. */

import { countOf } from "../../numeric/index.ts";
import { clustersOf, proportionInterval, shareInterval, wilson } from "../../statistics/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { InterventionResult, Score } from "../record/schema.ts";
import { disagreementOf } from "./reader-agreement.ts";

type Scored = Pick<ExampleOutcomes, "answer" | "images" | "group" | "outcomes">;

/** The option that an example's outcome names, by one reader or the other. */
type Reading = (example: Scored) => number | null;

function scoreOf(rows: readonly Scored[], read: Reading, alpha: number): Score {
  const right = rows.map((row) => read(row) === row.answer);
  const hits = countOf(right, Boolean);
  const { value, reason } = shareInterval(right, clustersOf(rows), alpha);
  return {
    accuracy: hits / rows.length,
    interval: value,
    wilson: wilson(hits, rows.length, alpha).value,
    answered: countOf(rows, (row) => read(row) !== null) / rows.length,
    ...(reason !== undefined && { reason }),
  };
}

/** Groups of two and more; those that are answered as a whole, and those that are right as a whole. */
function groupScore(rows: readonly Scored[], read: Reading, alpha: number): (Score & { n: number }) | null {
  const groups = new Map<string, Scored[]>();
  for (const row of rows) {
    if (row.group === undefined) continue;
    const group = groups.get(row.group);
    if (group) group.push(row);
    else groups.set(row.group, [row]);
  }
  const whole = [...groups.values()].filter((group) => group.length > 1);
  if (whole.length === 0) return null;
  const right = whole.filter((group) => group.every((row) => read(row) === row.answer)).length;
  const answered = whole.filter((group) => group.every((row) => read(row) !== null)).length;
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
 * @param rows - Examples that have the intervention.
 *
 * @example
 * const own = { text: "", choice: null, lenient: 1, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] };
 * otherScores([{ answer: 1, outcomes: { own } }], "own", 0.05).lenient.accuracy; // 1
 */
export function otherScores(
  rows: readonly Scored[],
  name: string,
  alpha: number,
): Pick<InterventionResult, "wilson" | "lenient" | "disagreement" | "groups"> {
  const of = ({ outcomes }: Scored): Outcome => outcomes[name]!;
  const exactly: Reading = (row) => of(row).choice;
  const leniently: Reading = (row) => of(row).lenient ?? null;
  const both = rows.every((row) => of(row).lenient !== undefined);
  const groups = groupScore(rows, exactly, alpha);
  const lenientGroups = both ? groupScore(rows, leniently, alpha) : null;
  const right = countOf(rows, (row) => isRight(of(row), row.answer));
  const disagreement = disagreementOf(rows.map(of));
  return {
    ...((both || groups) && { wilson: wilson(right, rows.length, alpha).value }),
    ...(both && { lenient: scoreOf(rows, leniently, alpha) }),
    ...(disagreement && { disagreement }),
    ...(groups && { groups: { ...groups, ...(lenientGroups && { lenient: withoutCount(lenientGroups) }) } }),
  };
}

const withoutCount = ({ n: _, ...score }: Score & { n: number }): Score => score;
