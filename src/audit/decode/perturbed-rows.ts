/** Own continuations of a batch that can be replayed, with the deviations that scale perturbations. */
import { engineOf, type PerturbedRow, prefixRows, replayRow } from "../../reasoning/index.ts";
import { type DecodeSession, ownContinuations } from "./decode-session.ts";
import type { Planner } from "./plan-context.ts";

export interface PerturbedRows {
  prefix: ReturnType<typeof prefixRows>;
  /** With the own blocks before the answer, which each row's latents are made of. */
  rows: (PerturbedRow & { blocks: readonly Float32Array[] })[];
  /** Place of each row in the batch. */
  which: number[];
  /** Why the other examples have no row: reason → examples. */
  reasons: Record<string, number>;
}

/** Rows of one batch; none where the network has no inside. */
export async function perturbedRows(
  session: DecodeSession,
  { split: { ownDeviation } }: Pick<Planner, "split">,
  batch: number,
): Promise<PerturbedRows> {
  const { model, batches, prefixOf } = session;
  const { prefix } = await prefixOf(batch);
  const rows: PerturbedRows["rows"] = [];
  const which: number[] = [];
  const reasons: Record<string, number> = {};
  const continuations = await ownContinuations(session, batch);
  for (const [b, continuation] of continuations.entries()) {
    const found = replayRow(model, continuation, batches[batch]![b]!.options);
    const reason = engineOf(model.network).replay ? found.reason : "a network that cannot be looked into";
    if (reason !== undefined || !found.row) {
      reasons[reason!] = (reasons[reason!] ?? 0) + 1;
      continue;
    }
    const deviation = new Float32Array(found.row.latents.length);
    const blocks: Float32Array[] = [];
    let at = 0;
    for (const [block, latents] of continuation.latents.entries()) {
      const read = latents.subarray(0, deviation.length - at);
      if (read.length === 0) break;
      deviation.set(ownDeviation[Math.min(block, ownDeviation.length - 1)]!.subarray(0, read.length), at);
      at += read.length;
      blocks.push(read);
    }
    rows.push({ row: found.row, deviation, blocks });
    which.push(b);
  }
  return { prefix: prefixRows(model, prefix, which), rows, which, reasons };
}
