/** What a branch reads of rows that are about to be fed a block of its own. */
import { type BlockRows, type ContinuationCache, MASK_VALUE, type PrefixCache } from "../../qwen/index.ts";

/** A row, by its number among the `active` rows of a step, and the columns that it cannot see. */
interface BranchRow {
  at: number;
  hide: readonly number[];
}

/** Keys and values of some rows in the layers of a branch. */
export function branchRows(
  layers: readonly number[],
  prefix: PrefixCache,
  suffix: ContinuationCache | null,
  rows: readonly BranchRow[],
  { active, positions }: { active: number; positions: Int32Array },
): BlockRows {
  const { batch, length } = prefix;
  const n = active / batch;
  const own = suffix?.length ?? 0;
  const all = length + own;
  const kvHeads = prefix.k[0]!.shape[1]!;
  const d = prefix.k[0]!.shape[3]!;
  const gathered = (kind: "k" | "v", layer: number): Float32Array => {
    const out = new Float32Array(rows.length * kvHeads * all * d);
    const before = prefix[kind][layer]!.data as Float32Array;
    const after = suffix?.[kind][layer];
    for (const [i, { at }] of rows.entries()) {
      const b = Math.floor(at / n);
      for (let h = 0; h < kvHeads; h++) {
        const to = (i * kvHeads + h) * all * d;
        const from = (b * kvHeads + h) * length * d;
        out.set(before.subarray(from, from + length * d), to);
        if (!after) continue;
        // A cache in place has the prefix in it, and room for more: [B, kvHeads, C, d]; others [B·kvHeads, N, S, d].
        const begin = suffix.inPlace
          ? ((b * kvHeads + h) * after.shape[2]! + length) * d
          : ((b * kvHeads + h) * n + (at % n)) * own * d;
        out.set((after.data as Float32Array).subarray(begin, begin + own * d), to + length * d);
      }
    }
    return out;
  };
  const mask = new Float32Array(rows.length * all);
  for (const [i, { at, hide }] of rows.entries()) {
    const b = Math.floor(at / n);
    mask.set(prefix.mask.subarray(b * length, (b + 1) * length), i * all);
    for (const column of hide) mask[i * all + column] = MASK_VALUE;
  }
  const { starts } = prefix;
  const block = starts?.[0]?.length ?? 0;
  const begun = starts && new Float32Array(rows.length * block);
  for (const [i, { at }] of rows.entries()) begun?.set(starts![Math.floor(at / n)]!, i * block);
  return {
    k: layers.map((layer) => gathered("k", layer)),
    v: layers.map((layer) => gathered("v", layer)),
    mask,
    positions: Int32Array.from(rows, ({ at }) => positions[at]!),
    starts: begun ?? null,
  };
}
