/** Log-probabilities of whole replies behind the answer's cue, written by force. */
import { largest } from "../../../../numeric/index.ts";
import type { ReplayRow } from "../../../../qwen/index.ts";
import { type LatentModel, prefixRows, replay } from "../../../../reasoning/index.ts";
import type { PerturbedRows } from "../../../decode/perturbed-rows.ts";

/** Rows of one replay: each scores the whole vocabulary. */
const TOGETHER = 8;

/** What stands behind the cue: one id after the other, then the end of text by any of these ids. */
interface Written {
  ids: readonly number[];
  ends: readonly number[];
}

/** A row up to the cue, the place of its example in the prefix, and the replies that are scored. */
export interface Scored {
  row: Omit<ReplayRow, "options" | "chosen">;
  at: number;
  replies: readonly Written[];
}

/** log Σ exp over some of the entries less that over all. */
function logShare(logits: Float32Array, ids: readonly number[]): number {
  const top = largest(logits);
  const logSum = (values: Iterable<number>): number => {
    let total = 0;
    for (const value of values) total += Math.exp(value - top);
    return Math.log(total);
  };
  return logSum(ids.map((id) => logits[id]!)) - logSum(logits);
}

/**
 * log p of each reply, its end included, behind each row: the sum over its ids. Replies that begin alike are read once as far
 * as they do.
 */
export async function replyScores(
  model: Pick<LatentModel, "network">,
  prefix: PerturbedRows["prefix"],
  rows: readonly Scored[],
): Promise<number[][]> {
  const all = Array.from({ length: model.network.config.text.vocabSize }, (_, id) => id);
  const scores = rows.map(({ replies }) => replies.map(() => 0));
  const longest = largest(rows.flatMap(({ replies }) => replies.map(({ ids }) => ids.length)));
  for (let step = 0; step <= longest; step++) {
    // Equal beginnings of one row are one context.
    const contexts = new Map<string, { row: number; ids: readonly number[]; replies: number[] }>();
    for (const [r, { replies }] of rows.entries())
      for (const [o, { ids }] of replies.entries()) {
        if (ids.length < step) continue;
        const before = ids.slice(0, step);
        const key = `${r}:${before.join(",")}`;
        const known = contexts.get(key) ?? { row: r, ids: before, replies: [] };
        known.replies.push(o);
        contexts.set(key, known);
      }
    const asked = [...contexts.values()];
    for (let from = 0; from < asked.length; from += TOGETHER) {
      const some = asked.slice(from, from + TOGETHER);
      const part = prefixRows(
        model,
        prefix,
        some.map(({ row }) => rows[row]!.at),
      );
      const found = await replay(
        model,
        part,
        some.map(({ row, ids }) => {
          const { row: before } = rows[row]!;
          return { ...before, ids: [...before.ids, ...ids], options: all, chosen: 0 };
        }),
      );
      for (const [i, { row, replies }] of some.entries())
        for (const o of replies) {
          const { ids, ends } = rows[row]!.replies[o]!;
          scores[row]![o]! += logShare(found.scores[i]!, ids.length === step ? ends : [ids[step]!]);
        }
    }
  }
  return scores;
}
