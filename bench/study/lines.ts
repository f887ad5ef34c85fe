/** The line that `npm run bench:study` prints. */
import { done, errorsOf, middle, type Pair, ratiosOf } from "../pairs.ts";

/** A model of a study, as study.json has it. */
export interface Cell {
  task: string;
  recipe: string;
  base?: string;
  training: { steps: number; batch: number };
  audits: { split: string; interventions?: string[]; maxTokens?: number }[];
}

/** What one side says of a study. */
export interface StudyRun {
  seconds: number;
  cpu: number;
  cells: Record<string, { losses: number[]; audits: Record<string, Record<string, { accuracy?: number }>> }>;
  torch?: string;
}

export const cellName = ({ task, recipe }: Pick<Cell, "task" | "recipe">): string => `${task}/${recipe}`;

/** How far the losses of the first five steps are apart, at most, as a share of ours. */
export function lossGap(ours: StudyRun, theirs: StudyRun): number {
  const gaps = Object.entries(ours.cells).flatMap(([name, { losses }]) =>
    losses
      .slice(0, 5)
      .map((loss, i) => Math.abs(loss - (theirs.cells[name]?.losses[i] ?? Number.NaN)) / loss),
  );
  return gaps.every(Number.isFinite) ? gaps.reduce((a, b) => Math.max(a, b), 0) : Number.POSITIVE_INFINITY;
}

/** Accuracies under `own` and `oracle` by model and split. */
function accuracies({ cells }: StudyRun): Record<string, (number | null)[]> {
  const found: Record<string, (number | null)[]> = {};
  for (const [name, { audits }] of Object.entries(cells))
    for (const [split, by] of Object.entries(audits))
      found[`${name} ${split}`] = [by.own?.accuracy ?? null, by.oracle?.accuracy ?? null];
  return found;
}

/** The line of pairs of whole studies. */
export function comparison({
  name,
  pairs,
  threads,
  versions,
}: {
  name: string;
  pairs: readonly Pair<StudyRun>[];
  threads: number;
  versions: Record<string, string>;
}) {
  const errors = errorsOf(pairs.flatMap(({ ours, theirs }) => [ours, theirs]));
  const [a, b] = [done(pairs, "ours")[0], done(pairs, "theirs")[0]];
  return {
    bench: "study",
    case: name,
    peer: "the same study in PyTorch",
    ours: middle(pairs, "ours", ({ seconds }) => seconds),
    theirs: middle(pairs, "theirs", ({ seconds }) => seconds),
    unit: "s",
    ...ratiosOf(pairs, ({ seconds }) => seconds),
    cpuRatio: ratiosOf(pairs, ({ cpu }) => cpu).ratio,
    threads,
    lossGap: a && b ? lossGap(a, b) : null,
    accuracies: { ours: a ? accuracies(a) : null, theirs: b ? accuracies(b) : null },
    versions: { ...versions, torch: b?.torch ?? null },
    ...(errors.length > 0 && { failed: errors }),
  };
}
