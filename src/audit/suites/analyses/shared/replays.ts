/** Replays the own continuations of an audit (teacher-forced), batch by batch. */

import type { Replay } from "../../../../qwen/index.ts";
import { type PerturbedRow, replay } from "../../../../reasoning/index.ts";
import { type PerturbedRows, perturbedRows } from "../../../decode/perturbed-rows.ts";
import type { SuiteContext } from "../../analysis.ts";

export interface ReplayedBatch extends PerturbedRows {
  /** Index of each row's example in the split. */
  index: number[];
}

/** Rows of every batch that has any, and why examples are left out (reason → examples), complete at the end. */
export async function* replayable(
  { session, planner, onProgress, signal }: SuiteContext,
  label: string,
  left: Record<string, number>,
): AsyncGenerator<ReplayedBatch> {
  const total = session.examples.length;
  const report = (done: number): void => onProgress?.({ label, done, total, unit: "examples" });
  report(0);
  for (const batch of session.batches.keys()) {
    signal?.throwIfAborted();
    const found = await perturbedRows(session, planner, batch);
    for (const [reason, n] of Object.entries(found.reasons)) left[reason] = (left[reason] ?? 0) + n;
    if (found.rows.length > 0) yield { ...found, index: found.which.map((b) => batch * session.size + b) };
    report(Math.min((batch + 1) * session.size, total));
  }
}

/** One replayed example. `at` is its place in its batch's results. */
interface ReplayedRow {
  found: Replay;
  at: number;
  row: PerturbedRow["row"];
  index: number;
  batch: ReplayedBatch;
}

/** Every example that can be read again, one by one. */
export async function* replayed(
  context: SuiteContext,
  label: string,
  left: Record<string, number>,
  options: { gradient: boolean },
): AsyncGenerator<ReplayedRow> {
  for await (const batch of replayable(context, label, left)) {
    const found = await replay(
      context.session.model,
      batch.prefix,
      batch.rows.map(({ row }) => row),
      options,
    );
    for (const [at, { row }] of batch.rows.entries())
      yield { found, at, row, index: batch.index[at]!, batch };
  }
}

/** What an analysis says when no example could be read again. */
export const nothingReplayed = (
  left: Record<string, number>,
): { n: 0; reason: string; left: Record<string, number> } => ({
  n: 0,
  reason: Object.keys(left).join("; ") || "no examples",
  left,
});
